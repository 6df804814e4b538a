"""HTTP between the processes of one machine: containers, the routers before them, and whoever asks.

messages.py     requests and responses
connection.py   one connection of a server, in h11's words
server.py       answers requests, a thread a connection
client.py       sends them, over connections that stay open
"""

from localcloud.http.client import Client, UnansweredError
from localcloud.http.connection import RefusedError
from localcloud.http.messages import Readable, Request, Response, StreamedRequest
from localcloud.http.server import Server, StreamingServer, listening_socket, read_whole

__all__ = [
    "Client",
    "Readable",
    "RefusedError",
    "Request",
    "Response",
    "Server",
    "StreamedRequest",
    "StreamingServer",
    "UnansweredError",
    "listening_socket",
    "read_whole",
]
