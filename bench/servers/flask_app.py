# Flask, for gunicorn to serve.
import os

from flask import Flask, Response, g, jsonify, request, session

name, _, number = os.environ.get('WORKLOAD', 'hello').partition('-')
count = int(number) if number.isdigit() else 0
torn_down = 0

app = Flask(__name__)


def show(id):
    return {'id': id, 'by': g.user}


def lifecycle():
    @app.before_request
    def load_user():
        g.user = 'root'

    @app.after_request
    def stamp(response):
        response.headers['X-User'] = g.user
        return response

    @app.teardown_request
    def close(error):
        global torn_down
        torn_down += 1


if name == 'hello':

    @app.route('/')
    def hello():
        return 'Hello World'

elif name == 'lifecycle':
    lifecycle()
    app.add_url_rule('/users/<int:id>', view_func=show)

elif name == 'routes':
    lifecycle()
    for index in range(count):
        app.add_url_rule(f'/r{index}/<int:id>', f'show{index}', show)

elif name == 'hooks':
    for index in range(count):

        @app.before_request
        def hook(index=index):
            g.hooks = 1 if index == 0 else g.hooks + 1

    @app.route('/')
    def hooks():
        return {'hooks': g.hooks}

elif name == 'session':
    app.secret_key = 'thirty-two characters of secrecy'

    @app.route('/')
    def visits():
        session['visits'] = session.get('visits', 0) + 1
        return {'visits': session['visits']}

elif name == 'stream':
    chunk = b'x' * 2**16

    @app.route('/')
    def stream():
        return Response((chunk for _ in range(16)), mimetype='application/octet-stream')

elif name == 'errors':
    lifecycle()
    app.add_url_rule('/users/<int:id>', view_func=show)

    @app.route('/fail')
    def fail():
        raise ValueError('broken')

    @app.errorhandler(ValueError)
    def failed(error):
        return jsonify(error=str(error)), 500

elif name == 'json':

    @app.post('/')
    def items():
        return {'items': len(request.get_json()['items'])}
