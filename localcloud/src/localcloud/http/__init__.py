"""HTTP between the processes of one machine: containers, the routers before them, and whoever asks.

messages.py   requests and responses
server.py     answers them, a thread a connection
client.py     sends them, over connections that stay open
"""

from localcloud.http.client import Client, UnansweredError
from localcloud.http.messages import Request, Response
from localcloud.http.server import Server, listening_socket

__all__ = ["Client", "Request", "Response", "Server", "UnansweredError", "listening_socket"]
