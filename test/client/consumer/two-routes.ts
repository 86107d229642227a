// What a bundle has besides the schemas.
import { client } from 'flaskoa/client'
import { Get, Post } from 'flaskoa/contract'

const showUser = Get('/users/<int:id>')
const createUser = Post('/users')
export const api = client('', { showUser, createUser })
