"""The web page over the same boto3 session as the verbs: executions, figures, the registry, the endpoints, a meme.

    app.py          the routes; server.py the socket; entry_files.py the files by which its owner gets in
    web/            what all pages share: access.py and guard.py say who may ask
    models/, views/ a page a file: it asks the functions that the verbs call, and fills a template
    templates/, static/

Nothing here knows whether AWS answers or this machine does.
"""
