export { testClient } from './client'
export type { RequestOptions, TestClient, TestClientOptions } from './client'
export type { TestResponse } from './response'
export { testRequestContext, type TestRequestContextOptions } from './request-context'
