"""Reads the OpenAPI document that a server has, calls each operation with values made of its schemas, and prints the statuses.

It ends with an error if a status is not declared, or if a call is refused.
"""
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

BASE = sys.argv[1]
DOCUMENT = json.load(urllib.request.urlopen(BASE + '/openapi.json'))
TEXTS = {
    'date': '2001-02-03',
    'date-time': '2001-02-03T04:05:06Z',
    'uuid': '00000000-0000-4000-8000-000000000000',
    'email': 'ann@example.com',
    'binary': 'some bytes',
}


def resolved(schema):
    while '$ref' in schema:
        part = DOCUMENT
        for key in schema['$ref'].split('/')[1:]:
            part = part[key.replace('~1', '/').replace('~0', '~')]
        schema = part
    return schema


def value_of(schema, depth=0):
    """A value that fits, as small as possible below a depth."""
    schema = resolved(schema)
    for keyword in ('const', 'default'):
        if keyword in schema:
            return schema[keyword]
    if 'enum' in schema:
        return schema['enum'][0]
    for keyword in ('oneOf', 'anyOf', 'allOf'):
        if keyword in schema:
            return value_of(schema[keyword][0], depth)
    kind = schema.get('type')
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == 'object':
        names = schema.get('properties', {}) if depth < 3 else schema.get('required', [])
        return {name: value_of(schema['properties'][name], depth + 1) for name in names}
    if kind == 'array':
        return [value_of(schema['items'], depth + 1)] if depth < 3 else []
    if kind == 'integer':
        return schema.get('minimum', 1)
    if kind == 'number':
        return schema.get('minimum', schema.get('maximum', 1.5)) + 0.5 if 'minimum' in schema else 1.5
    if kind == 'boolean':
        return True
    if kind == 'null':
        return None
    return TEXTS.get(schema.get('format'), '1' * max(1, schema.get('minLength', 1)))


def text_of(value):
    return json.dumps(value) if isinstance(value, (bool, float)) else str(value)


def request_for(path, method, operation):
    query, headers, cookies = [], {}, []
    for parameter in operation.get('parameters', []):
        name, value = parameter['name'], value_of(parameter['schema'])
        values = value if isinstance(value, list) else [value]
        if parameter['in'] == 'path':
            path = path.replace('{%s}' % name, urllib.parse.quote(text_of(value), safe=''))
        elif parameter['in'] == 'query':
            query += [(name, text_of(each)) for each in values]
        elif parameter['in'] == 'header':
            headers[name] = text_of(value)
        else:
            cookies.append('%s=%s' % (name, text_of(value)))
    if cookies:
        headers['Cookie'] = '; '.join(cookies)
    for needed in operation.get('security', []):
        for scheme in needed:
            assert DOCUMENT['components']['securitySchemes'][scheme]['scheme'] == 'bearer'
            headers['Authorization'] = 'Bearer token'
    data = body_for(operation, headers)
    url = BASE + path + ('?' + urllib.parse.urlencode(query) if query else '')
    return urllib.request.Request(url, data=data, method=method.upper(), headers=headers)


def body_for(operation, headers):
    content = operation.get('requestBody', {}).get('content', {})
    if 'application/json' in content:
        headers['Content-Type'] = 'application/json'
        return json.dumps(value_of(content['application/json']['schema'])).encode()
    if 'application/x-www-form-urlencoded' in content:
        headers['Content-Type'] = 'application/x-www-form-urlencoded'
        fields = value_of(content['application/x-www-form-urlencoded']['schema'])
        return urllib.parse.urlencode({name: text_of(value) for name, value in fields.items()}).encode()
    if 'multipart/form-data' in content:
        headers['Content-Type'] = 'multipart/form-data; boundary=boundary'
        return multipart(resolved(content['multipart/form-data']['schema']))
    for media_type, media in content.items():
        headers['Content-Type'] = media_type
        return media['example'].encode()
    return None


def multipart(schema):
    parts = ''
    for name, each in schema['properties'].items():
        is_file = resolved(each).get('format') == 'binary'
        parts += '--boundary\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (
            name, '; filename="file"' if is_file else '', text_of(value_of(each)))
    return (parts + '--boundary--\r\n').encode()


def check_body(operation, status, media_type, body):
    """The declared media type, and the properties that its schema requires."""
    content = operation['responses'][str(status)].get('content')
    if content is None:
        return
    media_type = (media_type or '').split(';')[0]
    assert media_type in content, 'the media type %s is not declared' % media_type
    schema = resolved(content[media_type]['schema'])
    missing = [name for name in schema.get('required', []) if name not in json.loads(body)]
    assert not missing, 'the body has no %s' % missing


def call(path, method, operation):
    try:
        response = urllib.request.urlopen(request_for(path, method, operation))
    except urllib.error.HTTPError as error:
        response = error
    status, body = response.status, response.read()
    print(status, operation['operationId'])
    assert str(status) in operation['responses'], '%s: %s is not declared' % (operation['operationId'], status)
    assert status < 400, '%s: %s' % (operation['operationId'], body)
    check_body(operation, status, response.headers.get('Content-Type'), body)


for path, operations in DOCUMENT['paths'].items():
    for method, operation in operations.items():
        call(path, method, operation)
