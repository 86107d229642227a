"""Runs programs (see program.ts) on Flask: one JSON line in, one JSON line out, until the input ends.

The differences that flaskoa declares are applied here, each where Flask decides, and only those that the line asks for
under "rules". The answer counts how often each was applied.
"""
import base64
import copy
import dataclasses
import json
import re
import sys
import urllib.parse
import warnings
from collections import Counter
from types import GeneratorType

import flask
from flask.ctx import RequestContext
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound, default_exceptions
from werkzeug.routing import Map, MapAdapter, RequestRedirect, Rule
from werkzeug.routing.matcher import StateMachineMatcher

warnings.simplefilter("ignore")


class Base(Exception):
    pass


class Derived(Base):
    pass


class Missing(NotFound):
    pass


CLASSES = {c.__name__: c for c in (Base, Derived, Missing, TypeError, Exception, HTTPException)}
NAMED = {Base: "Base", Derived: "Derived", Missing: "Missing", TypeError: "TypeError"}
POISON = object()


def describe(error):
    """An error as text: its class or code, the method that raised it, and its original error."""
    if error is None:
        return None
    origin = getattr(error, "origin", "")
    name = NAMED.get(type(error), "Error")
    if isinstance(error, HTTPException) and name == "Error":
        name = "response" if error.response or isinstance(error, RequestRedirect) else str(error.code)
    original = getattr(error, "original_exception", None)
    return name + (f"<{origin}>" if origin else "") + (f" of {describe(original)}" if original else "")


class Context(RequestContext):
    ended = False
    failure = None

    def pop(self, exc=None):
        if self.ended:  # by a stream that has given its last chunk
            if self.failure is not None and exc is not self.failure and self.app.oracle.apply("6.8"):
                exc = self.failure
            elif isinstance(exc, GeneratorExit) and not self.app.oracle.broken:
                exc = None  # closed with the response, which was sent to its end
            return super().pop(exc)
        self.ended = True
        self.failure = exc
        self.app.oracle.close_unsent_streams()
        if self.app.oracle.config["preserve"] and exc is not None and len(self._cv_tokens) == 1:
            # Rule 7.7, as Flask 1.0 had it: the context of a failed request stays until the next one.
            self.app.oracle.apply("7.7")
            self.app.kept = (self, exc)
        else:
            super().pop(exc)


class Adapter(MapAdapter):
    """
    Rule 4.5: Werkzeug 2.2.2 merges slashes in pairs. Rule 4.8: it forgets the methods of a rule with an optional slash
    when the slash is left out.
    """

    oracle = None

    def match(self, path_info=None, method=None, *args, **kwargs):
        try:
            return self.match_all(path_info, method, *args, **kwargs)
        except HTTPException as error:
            needs_slash = isinstance(error, RequestRedirect) and "///" in error.new_url
            merges = re.search("[^/]/{3,}", self.path_info) and not self.is_text(self.path_info, method)
            if needs_slash or not merges or not self.oracle.apply("4.5"):
                raise
        return self.match_merged(re.sub("/+", "/", self.path_info), method, *args, **kwargs)

    def is_text(self, path, method):
        try:
            return bool(self.oracle.texts.match(path, method or self.default_method))
        except HTTPException:
            return False

    def match_merged(self, path, method, *args, **kwargs):
        try:
            self.oracle.texts.match(path, method or self.default_method)
        except RequestRedirect:
            path += "/"
        except HTTPException:
            return self.match_all(path, method, *args, **kwargs)
        raise RequestRedirect(self.make_redirect_url(urllib.parse.quote(path, safe="/!$&'()*+,:;=@"), self.query_args))

    def match_all(self, path_info, method, *args, **kwargs):
        try:
            return super().match(path_info, method, *args, **kwargs)
        except (NotFound, MethodNotAllowed) as error:
            allowed = self.allowed(re.sub("/+", "/", self.path_info), method or self.default_method)
            if allowed <= methods_of(error) or not self.oracle.apply("4.8"):
                raise
            raise MethodNotAllowed(valid_methods=sorted(allowed)) from None

    def allowed(self, path, method):
        try:
            self.oracle.lenient.match(path, method)
        except HTTPException as error:
            return methods_of(error)
        return set()


def methods_of(error):
    return set(getattr(error, "valid_methods", None) or ())


def add_slashless(state):
    """Rule 4.8: a search that arrives without the slash of a rule also meets that rule, if the slash is optional."""
    for child in [*state.static.values(), *(child for _, child in state.dynamic)]:
        add_slashless(child)
    state.rules += [rule for rule in getattr(state.static.get(""), "rules", ()) if not rule.strict_slashes]


class Matcher(StateMachineMatcher):
    """Rule 4.5: Werkzeug 2.2.2 does not find the slash behind a path variable. This is what Werkzeug 2.2.3 does."""

    def add(self, rule):
        *parts, last = rule._parts
        if not last.final or not last.content.endswith(r"/\Z"):
            super().add(rule)
            return
        text = last.content[: -len(r"/\Z")] + "(?<!/)"
        slash = dataclasses.replace(last, content="", final=False, static=True)
        for ending in ([r"/\Z"], [r"\Z", slash]):
            both = copy.copy(rule)
            both._parts = [*parts, dataclasses.replace(last, content=text + ending[0]), *ending[1:]]
            super().add(both)


class App(flask.Flask):
    kept = None
    oracle = None

    def release(self):
        if self.kept is not None:
            (ctx, exc), self.kept = self.kept, None
            ctx.pop(exc)

    def create_url_adapter(self, request):
        adapter = super().create_url_adapter(request)
        if request is not None:
            adapter.__class__, adapter.oracle = Adapter, self.oracle
        return adapter

    def request_context(self, environ):
        return Context(self, environ)

    def full_dispatch_request(self):
        self.oracle.response = super().full_dispatch_request()
        return self.oracle.response

    def handle_user_exception(self, e):
        self.oracle.lose_streams()
        return super().handle_user_exception(e)

    def log_exception(self, exc_info):
        self.oracle.report(exc_info[1])

    def handle_exception(self, e):
        self.oracle.response = self.respond_to_exception(e)
        return self.oracle.response

    def respond_to_exception(self, e):
        self.oracle.lose_streams()
        propagate = self.config["PROPAGATE_EXCEPTIONS"]
        if propagate is None:
            propagate = self.testing or self.debug
        if propagate:
            return super().handle_exception(e)
        server_error = InternalServerError(original_exception=e)
        if not self.oracle.config["afterOnUnhandled"] and self._find_error_handler(server_error) is None:
            self.oracle.apply("6.4")
            self.oracle.report(e)
            return self.make_response(server_error)
        try:
            return super().handle_exception(e)
        except Exception as failure:
            if not self.oracle.apply("6.7"):
                raise
            self.oracle.report(failure)
            return self.make_response(server_error)

    def make_response(self, rv):
        body, rest = (rv[0], rv[1:]) if isinstance(rv, tuple) else (rv, None)
        if isinstance(body, bytes) or hasattr(body, "__next__"):
            if self.oracle.apply("8.1"):
                body = self.response_class(body, content_type="application/octet-stream")
        response = super().make_response(body if rest is None else (body, *rest))
        is_page = isinstance(body, HTTPException) and not isinstance(body, RequestRedirect) and body.response is None
        if (isinstance(body, str) or is_page) and self.oracle.apply("8.8"):
            response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response

    def make_default_options_response(self):
        response = super().make_default_options_response()
        if self.oracle.apply("8.8"):
            response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class Finalizing:
    """Replaces the app's logger: Flask only logs an error of the second pass."""

    def __init__(self, oracle):
        self.oracle = oracle

    def exception(self, *_):
        self.oracle.report(sys.exc_info()[1])

    error = exception


class Run:
    def __init__(self, program, rules):
        self.config = config = program["config"]
        self.rules = rules
        self.applied = Counter()
        self.reached = set()
        self.trace, self.reported, self.told = [], [], set()
        self.jar = None
        self.app = App("oracle", static_folder=None)
        self.app.oracle = self
        self.fix_slashes(self.app.url_map)
        self.app.logger = Finalizing(self)
        self.app.config.update(
            SECRET_KEY="secret" if config["secret"] else None,
            PROPAGATE_EXCEPTIONS=config["propagate"],
            TESTING=config["testing"],
            TRAP_HTTP_EXCEPTIONS=config["trap"],
            DEBUG=config["debug"],
        )
        self.add_methods(self.app, program["app"], True)
        for blueprint in program["app"]["blueprints"]:
            self.app.register_blueprint(self.blueprint(blueprint))

        rules = list(self.app.url_map.iter_rules())
        self.texts = self.map_of([self.text_rule(rule) for rule in rules]).bind("localhost")
        lenient = self.map_of([rule.empty() for rule in rules])
        lenient.update()
        add_slashless(lenient._matcher._root)
        self.lenient = lenient.bind("localhost")

    def map_of(self, rules):
        url_map = self.fix_slashes(Map())
        for rule in rules:
            url_map.add(rule)
        return url_map

    def fix_slashes(self, url_map):
        if "4.5" in self.rules:
            url_map._matcher = Matcher(url_map.merge_slashes)
        return url_map

    @staticmethod
    def text_rule(rule):
        """A rule that takes any number: Allow depends on the text alone."""
        text = re.sub(r"<int\((?!signed)[^)]*\)", "<int", rule.rule)
        return Rule(text, methods=rule.methods, endpoint="", strict_slashes=rule.strict_slashes)

    def apply(self, rule):
        if rule in self.rules:
            self.applied[rule] += 1
        return rule in self.rules

    def report(self, error):
        if id(error) not in self.told:
            self.told.add(id(error))
            self.keep_alive.append(error)
            self.reported.append(describe(error))

    # -- building ------------------------------------------------------------------------------------------------

    def blueprint(self, scope):
        blueprint = flask.Blueprint(scope["name"], "oracle", url_prefix=scope["prefix"] or None)
        self.add_methods(blueprint, scope, False)
        for nested in scope["blueprints"]:
            blueprint.register_blueprint(self.blueprint(nested))
        return blueprint

    def add_methods(self, target, scope, is_app):
        for method in scope["methods"]:
            label, kind = f"{scope['name']}.{method['name']}", method["kind"]
            function = self.function(label, method)
            app_wide = method["appWide"] and not is_app
            if kind == "view":
                for route in method["routes"]:
                    target.add_url_rule(
                        route["rule"],
                        endpoint=method["name"],
                        view_func=function,
                        methods=route["methods"],
                        strict_slashes=route["strictSlashes"],
                        defaults=route["defaults"],
                        provide_automatic_options=None if route["automaticOptions"] else False,
                    )
            elif kind == "error":
                key = method["key"]
                register = target.app_errorhandler if app_wide else target.errorhandler
                register(CLASSES.get(key, key))(function)
            elif kind == "first":
                name = "before_first_request" if is_app else "before_app_first_request"
                if hasattr(target, name):  # gone since Flask 2.3
                    getattr(target, name)(function)
            else:
                name = {
                    "preprocess": "url_value_preprocessor",
                    "before": "before_app_request" if app_wide else "before_request",
                    "after": "after_app_request" if app_wide else "after_request",
                    "teardown": "teardown_app_request" if app_wide else "teardown_request",
                }[kind]
                getattr(target, name)(function)

    def function(self, label, method):
        kind, steps = method["kind"], method["steps"]
        log = self.trace_entry

        def first():
            log("first", label)
            return self.perform(label, steps)

        def preprocess(endpoint, values):
            log("preprocess", label, endpoint, dict(values) if values is not None else None)
            return self.perform(label, steps, values=values)

        def before():
            log("before", label)
            return self.perform(label, steps)

        def view(**values):
            log("view", label, values)
            return self.perform(label, steps)

        def error(e):
            log("error", label, describe(e))
            return self.perform(label, steps, error=e)

        def after(response):
            return self.response_hook("after", label, steps, response)

        def teardown(e):
            log("teardown", label, describe(e))
            try:
                return self.perform(label, steps, error=e)
            except Exception as failure:
                if not self.apply("7.6"):
                    raise
                if failure is not e:  # the request's own error is reported already, or by the caller
                    self.report(failure)

        return locals()[kind]

    def response_hook(self, kind, label, steps, response):
        self.trace_entry(kind, label, response.status_code if response is not None else None)
        result = self.perform(label, steps, response=response)
        if not isinstance(result, flask.Response) and self.apply("9.4"):
            raise TypeError(label)
        return result

    # -- running -------------------------------------------------------------------------------------------------

    def trace_entry(self, *entry):
        self.trace.append(list(entry))

    def perform(self, label, steps, values=None, error=None, response=None):
        for step in steps:
            do = step["do"]
            if do == "return":
                return self.value(label, step["value"])
            if do == "raise":
                if not step["once"] or id(step) not in self.reached:
                    self.reached.add(id(step))
                    self.throw(label, step["error"], error)
            elif do == "g.set":
                setattr(flask.g, step["key"], step["value"])
            elif do == "g.get":
                self.trace_entry("g", label, step["key"], flask.g.get(step["key"]))
            elif do == "session.set":
                flask.session[step["key"]] = step["value"]
            elif do == "session.get":
                self.trace_entry("session", label, step["key"], flask.session.get(step["key"]))
            elif do == "session.has":
                found = step["key"] in flask.session
                if self.apply("13.4"):
                    flask.session.get(step["key"])
                self.trace_entry("session", label, step["key"], found)
            elif do == "session.delete":
                missing = step["key"] not in flask.session
                flask.session.pop(step["key"], None)
                if missing and self.apply("13.4"):
                    flask.session.get(step["key"])
            elif do == "session.clear":
                flask.session.clear()
            elif do == "session.poison":
                flask.session["poison"] = POISON
            elif do == "session.permanent":
                flask.session.permanent = step["value"]
                if not step["value"] and self.apply("13.5"):
                    del flask.session["_permanent"]
            elif do == "values.set":
                if values is None:
                    raise TypeError
                values[step["key"]] = step["value"]
            elif do == "values.pop":
                if values is None:
                    raise TypeError
                values.pop(step["key"], None)
            elif do == "afterThis":
                self.after_this(label + "+", step["steps"])
            elif do == "status":
                response.status_code = step["status"]
            elif do == "header":
                response.headers[step["name"]] = step["value"]
            elif do == "replace":
                response = self.value(label, step["value"])
        return response

    def after_this(self, label, steps):
        flask.after_this_request(lambda response: self.response_hook("this", label, steps, response))

    def throw(self, label, raised, given):
        kind = raised["kind"]
        if kind == "again" and given is not None:
            self.trace_entry("raise", label, describe(given))
            raise given
        if kind == "abortResponse":
            self.trace_entry("raise", label, "response")
            flask.abort(flask.make_response(self.value(label, raised["value"])))
        if kind == "abort":
            error = default_exceptions[raised["code"]](description=label)
        else:
            error = {"Base": Base, "Derived": Derived, "Missing": Missing, "TypeError": TypeError}.get(kind, Exception)()
        error.origin = label
        self.trace_entry("raise", label, describe(error))
        raise error

    def value(self, label, value):
        kind = value["kind"]
        if kind in ("text", "bytes"):
            return value["text"] if kind == "text" else value["text"].encode()
        if kind == "json":
            return value["json"]
        if kind == "httpError":
            return default_exceptions[value["code"]]()
        if kind == "redirect":
            return flask.redirect(value["url"], value["code"])
        if kind == "stream":
            chunks = self.stream(label, value["chunks"], value["context"])
            if not value["context"]:
                return chunks
            if self.apply("13.4"):
                flask.session.get("")
            self.held.append(flask.stream_with_context(chunks))
            return self.held[-1]
        if kind == "response":
            return flask.make_response(self.value(label, value["body"]), value["status"], value["headers"])
        return {"none": None, "zero": 0, "false": False, "true": True, "number": 5, "unserialisable": {"a": POISON}}[kind]

    def lose_streams(self):
        self.lost = [*self.held]

    def close_unsent_streams(self):
        """A stream that was made with the context and is not sent holds the context until Python collects it."""
        response = self.response
        empty = response is None or flask.request.method == "HEAD" or response.status_code in (204, 304)
        for stream in self.held:
            if (empty or response.response is not stream) and self.apply("12.2"):
                lost = empty or stream in self.lost or response.response in self.held
                if lost or not isinstance(response.response, GeneratorType):
                    stream.close()
                else:  # a stream without the context is sent, which may read this one
                    response.call_on_close(stream.close)

    def stream(self, label, chunks, context):
        for index, chunk in enumerate(chunks):
            kind = chunk["kind"]
            self.trace_entry("chunk", label, index)
            if kind == "fail":
                error = Base()
                error.origin = label
                raise error
            if kind == "text":
                yield chunk["text"].encode()
            else:
                # Rules 7.7 and 12.2 keep the context, but not for this stream.
                if not context and (self.app.kept is not None or self.held):
                    yield b"outside"
                    continue
                try:
                    yield str((flask.g if kind == "g" else flask.session).get(chunk["key"]) is not None).encode()
                except RuntimeError:
                    yield b"outside"

    # -- requests ------------------------------------------------------------------------------------------------

    def request(self, request):
        self.trace, self.reported, self.told, self.keep_alive = [], [], set(), []
        self.response, self.held, self.lost, self.broken = None, [], [], False
        try:
            self.app.release()
            observed = self.exchange(request)
        except Exception as error:
            observed = {"outcome": "left", "error": describe(error), "status": 500, "body": None, "headers": {}, "cookie": None}
        return {"trace": self.trace, "reported": self.reported, **observed}

    def exchange(self, request):
        sent = {}

        def start_response(status, headers, exc_info=None):
            sent.update(status=int(status[:3]), headers=headers)

        body, chunks = [], None
        try:
            chunks = self.app.wsgi_app(self.environ(request), start_response)
            body.extend(chunk for chunk in chunks)
        except Exception as error:
            self.broken = True
            # Until the first byte the server has sent nothing and answers with a 500 of its own.
            if chunks is None or not any(body):
                raise
            return {**self.seen(sent, body, request), "outcome": "broken", "error": describe(error)}
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        return {**self.seen(sent, body, request), "outcome": "answered", "error": None}

    def environ(self, request):
        path, _, query = request["url"].partition("?")
        cookie = {"kept": self.jar, "none": None, "forged": "eyJrIjoxfQ.forged.forged"}[request["cookies"]]
        environ = {
            "REQUEST_METHOD": request["method"],
            "SCRIPT_NAME": "",
            "PATH_INFO": urllib.parse.unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "HTTP_HOST": "localhost",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": None,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if cookie:
            environ["HTTP_COOKIE"] = f"session={cookie}"
        return environ

    def seen(self, sent, body, request):
        headers = [(name.lower(), value) for name, value in sent["headers"]]
        cookies = [value for name, value in headers if name == "set-cookie"]
        return {
            "status": sent["status"],
            "body": base64.b64encode(b"".join(body)).decode(),
            "headers": {name: value for name, value in headers if name != "set-cookie"},
            "cookie": self.cookie(cookies, request),
        }

    def cookie(self, cookies, request):
        if not cookies:
            return None
        value, *attributes = cookies[-1].partition("=")[2].split("; ")
        deleted = "Max-Age=0" in attributes
        if request["cookies"] == "kept":
            self.jar = None if deleted else value
        if deleted:
            return "deleted"
        content = dict(self.app.session_interface.get_signing_serializer(self.app).loads(value))
        permanent = content.pop("_permanent", None)
        return {"content": content, "permanent": permanent is True, "expires": any(a.startswith("Expires") for a in attributes)}


def answer(line):
    message = json.loads(line)
    run = Run(message["program"], set(message["rules"]))
    requests = [run.request(request) for request in message["program"]["requests"]]
    run.trace = []
    run.app.release()
    return {"requests": requests, "closing": run.trace, "applied": run.applied}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(line), default=str), flush=True)
