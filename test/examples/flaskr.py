"""examples/flaskr in Flask: the same pages by Flask itself, with the templates, styles and tables of the example.

    python3 flaskr.py FOLDER DATABASE PORT
"""
import sqlite3
import sys
from functools import wraps
from pathlib import Path

from flask import Blueprint, Flask, abort, flash, g, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash

FOLDER, DATABASE, PORT = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

app = Flask("flaskr", root_path=str(FOLDER))
app.secret_key = "dev"
auth = Blueprint("auth", __name__, url_prefix="/auth")
blog = Blueprint("blog", __name__)

POSTS = "SELECT p.id, title, body, created, author_id, username FROM post p JOIN user u ON p.author_id = u.id"


def query(sql, *values):
    if "db" not in g:
        g.db = sqlite3.connect(DATABASE, isolation_level=None)
        g.db.row_factory = sqlite3.Row
    return g.db.execute(sql, values).fetchall()


@app.teardown_appcontext
def close(error):
    if "db" in g:
        g.db.close()


@app.before_request
def load_user():
    rows = query("SELECT * FROM user WHERE id = ?", session["user_id"]) if "user_id" in session else []
    g.user = rows[0] if rows else None


def login_required(view):
    @wraps(view)
    def guarded(**values):
        return redirect(url_for("auth.login")) if g.user is None else view(**values)

    return guarded


@app.route("/hello")
def hello():
    return "Hello, World!"


@auth.route("/register", methods=["GET", "POST"])
def register():
    if request.method == "POST":
        name, password = request.form["username"], request.form["password"]
        error = "Username is required." if not name else None if password else "Password is required."
        if error is None:
            try:
                query("INSERT INTO user (username, password) VALUES (?, ?)", name, generate_password_hash(password))
                return redirect(url_for("auth.login"))
            except sqlite3.IntegrityError:
                error = f"User {name} is already registered."
        flash(error)
    return render_template("auth/register.html")


@auth.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        name, password = request.form["username"], request.form["password"]
        users = query("SELECT * FROM user WHERE username = ?", name)
        if not users:
            flash("Incorrect username.")
        elif not check_password_hash(users[0]["password"], password):
            flash("Incorrect password.")
        else:
            session.clear()
            session["user_id"] = users[0]["id"]
            return redirect(url_for("index"))
    return render_template("auth/login.html")


@auth.route("/logout")
def logout():
    session.clear()
    return redirect(url_for("index"))


@blog.route("/")
def index():
    return render_template("blog/index.html", posts=query(f"{POSTS} ORDER BY created DESC"))


@blog.route("/create", methods=["GET", "POST"])
@login_required
def create():
    if request.method == "POST":
        title, body = request.form["title"], request.form["body"]
        if title:
            query("INSERT INTO post (title, body, author_id) VALUES (?, ?, ?)", title, body, g.user["id"])
            return redirect(url_for("blog.index"))
        flash("Title is required.")
    return render_template("blog/create.html")


def own_post(number):
    posts = query(f"{POSTS} WHERE p.id = ?", number)
    if not posts:
        abort(404, f"Post id {number} doesn't exist.")
    if posts[0]["author_id"] != g.user["id"]:
        abort(403)
    return posts[0]


@blog.route("/<int:id>/update", methods=["GET", "POST"])
@login_required
def update(id):
    post = own_post(id)
    if request.method == "POST":
        title, body = request.form["title"], request.form["body"]
        if title:
            query("UPDATE post SET title = ?, body = ? WHERE id = ?", title, body, id)
            return redirect(url_for("blog.index"))
        flash("Title is required.")
    return render_template("blog/update.html", post=post)


@blog.route("/<int:id>/delete", methods=["POST"])
@login_required
def delete(id):
    own_post(id)
    query("DELETE FROM post WHERE id = ?", id)
    return redirect(url_for("blog.index"))


app.register_blueprint(auth)
app.register_blueprint(blog)
app.add_url_rule("/", endpoint="index")

with sqlite3.connect(DATABASE) as database:
    database.executescript((FOLDER / "schema.sql").read_text())
app.run(port=PORT)
