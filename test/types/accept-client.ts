import { client } from 'flaskoa/client'
