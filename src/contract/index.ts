// `flaskoa/contract`: the decorators of routes, as values that a server and its clients share. Without Koa, reflect-metadata and
// Node, so that it can be in the bundle of a browser.
export { Delete, Get, Patch, Post, Put, Route } from '../decorators/verbs'
export { withPrefix, type RouteGroup } from './route-group'
// What the declaration file of a module that exports a decorator refers to.
export type * from '../decorators/route-options'
export type * from '../decorators/view-decorators'
export type { ArgsOf, FormOf, RouteContract, RouteInputs } from '../decorators/view-args'
export type { CheckedRule, RuleArgs } from '../routing/rule-args'
export type { InputOf, OutputOf, Schema } from '../schema/standard-schema'
