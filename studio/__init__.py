"""The web page over the same boto3 session as the verbs: executions, figures, the registry, the endpoints, a meme.

    app.py          the routes
    site.py         what every page is given: the session, the settings, the token, what is remembered
    guard.py        who may ask, and what a page may do in a browser
    views/          a page a file: it asks the functions that the verbs call, and fills a template
    templates/, static/

Nothing here knows whether AWS answers or this machine does.
"""
