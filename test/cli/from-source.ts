import { start } from '../../src/cli/main'

void start(process)
