"""A page of somebody else's making for a browser that reads it from a file: the sandbox and policy Studio gives it."""

from __future__ import annotations

from html import escape

from evaluation.report import POLICY

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<title>Evaluation</title>
<style>html, body {{ height: 100%; margin: 0 }} iframe {{ width: 100%; height: 100%; border: 0 }}</style>
</head>
<body><iframe sandbox title="Evaluation" srcdoc="{content}"></iframe></body>
</html>
"""


def sandboxed(page: bytes) -> bytes:
    """Put an HTML page into a frame in which no script runs, no form is sent and nothing is loaded from elsewhere."""
    return _PAGE.format(policy=escape(POLICY), content=escape(page.decode(errors="replace"))).encode()
