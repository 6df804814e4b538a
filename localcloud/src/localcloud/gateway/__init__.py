"""AWS's protocols over HTTP: what any AWS client asks of a home is answered by the same dispatch as boto3's hooks.

server.py           the server of a home
on_demand.py        one that is there while a job runs
environment.py      the variables by which a client finds it
application.py      who asks, what is asked, the answer
authentication/     who may call: the home's key pair and the keys of jobs, signatures, the server's own names
payloads.py         bodies, within bounds and as they are signed
chunked.py          bodies in chunks, their signatures and trailers
checksums.py        the checksums of objects
protocols.py        operations, members and answers, by moto's parsers and serializers
command_line.py     `localcloud serve` and `localcloud run`
"""
