import { checked } from './app'

declare const test: (name: string, body: () => Promise<void>) => void

test('the application works under jest', () => checked)
