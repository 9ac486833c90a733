"""Clients of every kind that send all the time, and the backends that answer them.

Reads one JSON object from the file given as the first argument:

  {"authority": "ca.pem", "name": "www.example.test", "seconds": 120, "stop": "FILE",
   "clients": [{"kind": "http-kept", "address": "127.77.0.1", "port": 80, "count": 4}, ...]}

and prints one JSON object: {"http-kept": {"answered": 1000, "failures": {"ConnectionResetError": 1}}, ...}. Ends after
that many seconds, or as soon as the file `stop` is there.

With the arguments `backends TCP UDP`, two ports, it is instead two backends on 127.0.0.1 that send back what they get.

Kinds: http-kept, http-fresh, https-kept, https-fresh, h2-kept (HTTP/2 over TLS, several streams at once), tcp-long (a
connection from the beginning to the end that echoes lines), tcp-fresh, udp-flow (one socket), udp-fresh.
"""

import collections
import http.client
import json
import os
import socket
import ssl
import sys
import threading
import time

PAUSE = 0.02  # Seconds between two requests of one client.
LIMIT = 5.0  # Seconds that an answer may take.


class Count:
    def __init__(self):
        self.lock = threading.Lock()
        self.answered = collections.Counter()
        self.failures = collections.defaultdict(collections.Counter)

    def good(self, kind, number=1):
        with self.lock:
            self.answered[kind] += number

    def bad(self, kind, reason):
        with self.lock:
            self.failures[kind][reason] += 1


class Frames:
    """Cuts a stream of HTTP/2 into frames (RFC 9113 section 4.1) and keeps GOAWAY for itself."""

    GOAWAY = 7

    def __init__(self):
        self.rest = b""
        self.last_stream = None

    def events(self, connection, data):
        self.rest += data
        events = []
        while len(self.rest) >= 9:
            end = 9 + int.from_bytes(self.rest[:3], "big")
            if len(self.rest) < end:
                break
            frame, self.rest = self.rest[:end], self.rest[end:]
            if frame[3] == self.GOAWAY:
                self.last_stream = int.from_bytes(frame[9:13], "big") & 0x7FFFFFFF
            else:
                events += connection.receive_data(frame)
        return events


class Clients:
    def __init__(self, plan):
        self.plan = plan
        self.count = Count()
        self.end = time.monotonic() + plan["seconds"]
        self.context = ssl.create_default_context(cafile=plan.get("authority"))
        self.h2_context = ssl.create_default_context(cafile=plan.get("authority"))
        self.h2_context.set_alpn_protocols(["h2"])

    @property
    def goes_on(self):
        return time.monotonic() < self.end and not os.path.exists(self.plan["stop"])

    def run(self):
        threads = []
        for client in self.plan["clients"]:
            method = getattr(self, client["kind"].replace("-", "_"))
            for _ in range(client["count"]):
                threads.append(
                    threading.Thread(target=self.guard, args=(client["kind"], method, client["address"], client["port"]))
                )
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {
            kind: {"answered": self.count.answered[kind], "failures": self.count.failures[kind]}
            for kind in {client["kind"] for client in self.plan["clients"]}
        }

    def guard(self, kind, method, address, port):
        while self.goes_on:
            try:
                method(kind, address, port)
            except Exception as error:
                self.count.bad(kind, f"{type(error).__name__}: {error}")
                time.sleep(0.2)

    # One request after the other on a connection that the server may close after an answer, but not before it.
    def requests(self, kind, connection, kept):
        while self.goes_on:
            connection.request("GET", "/", headers={} if kept else {"Connection": "close"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status == 200 and body:
                self.count.good(kind)
            else:
                self.count.bad(kind, f"status {answer.status}")
            time.sleep(PAUSE)
            if answer.will_close or not kept:
                break
        connection.close()

    def http_kept(self, kind, address, port):
        self.requests(kind, http.client.HTTPConnection(address, port, timeout=LIMIT), True)

    def http_fresh(self, kind, address, port):
        self.requests(kind, http.client.HTTPConnection(address, port, timeout=LIMIT), False)

    def tls(self, address, port, context):
        plain = socket.create_connection((address, port), timeout=LIMIT)
        return context.wrap_socket(plain, server_hostname=self.plan["name"])

    def https(self, kind, address, port, kept):
        connection = http.client.HTTPSConnection(self.plan["name"], port, timeout=LIMIT, context=self.context)
        connection.sock = self.tls(address, port, self.context)
        self.requests(kind, connection, kept)

    def https_kept(self, kind, address, port):
        self.https(kind, address, port, True)

    def https_fresh(self, kind, address, port):
        self.https(kind, address, port, False)

    # A server that goes away says so (GOAWAY, RFC 9113 section 6.8) and answers what it has taken. The library would
    # take such a connection for closed at once, so it never sees those frames.
    def h2_kept(self, kind, address, port):
        import h2.connection
        import h2.events

        wire = self.tls(address, port, self.h2_context)
        connection = h2.connection.H2Connection()
        connection.initiate_connection()
        wire.sendall(connection.data_to_send())
        frames = Frames()
        while self.goes_on and frames.last_stream is None:
            streams = {}
            for _ in range(4):
                stream = connection.get_next_available_stream_id()
                connection.send_headers(
                    stream,
                    [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", self.plan["name"])],
                    end_stream=True,
                )
                streams[stream] = None
            wire.sendall(connection.data_to_send())
            while streams:
                data = wire.recv(65536)
                if not data:
                    raise ConnectionError(f"closed with {len(streams)} requests under way")
                for event in frames.events(connection, data):
                    if isinstance(event, h2.events.ResponseReceived):
                        streams[event.stream_id] = dict(event.headers)
                    elif isinstance(event, h2.events.DataReceived):
                        connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    elif isinstance(event, h2.events.StreamEnded):
                        headers = streams.pop(event.stream_id, None) or {}
                        status = headers.get(b":status", headers.get(":status"))
                        if status in (b"200", "200"):
                            self.count.good(kind)
                        else:
                            self.count.bad(kind, f"status {status}")
                    elif isinstance(event, h2.events.StreamReset):
                        streams.pop(event.stream_id, None)
                        self.count.bad(kind, f"stream reset {event.error_code}")
                if frames.last_stream is not None:
                    # Those after the last one that it has taken may be sent again elsewhere.
                    for stream in [stream for stream in streams if stream > frames.last_stream]:
                        del streams[stream]
                try:
                    pending = connection.data_to_send()
                    if pending:
                        wire.sendall(pending)
                except OSError:
                    if streams:
                        raise
            time.sleep(PAUSE)
            if frames.last_stream is None and self.has_goodbye(wire, connection, frames):
                break
        wire.close()

    # Whether a GOAWAY or the end has arrived while nothing was under way.
    @staticmethod
    def has_goodbye(wire, connection, frames):
        wire.settimeout(0.001)
        try:
            data = wire.recv(65536)
            frames.events(connection, data)
            return not data or frames.last_stream is not None
        except (TimeoutError, ssl.SSLWantReadError):
            return False
        finally:
            wire.settimeout(LIMIT)

    def tcp(self, kind, address, port, lines):
        connection = socket.create_connection((address, port), timeout=LIMIT)
        number = 0
        while self.goes_on and (lines is None or number < lines):
            number += 1
            line = f"{number}\n".encode()
            connection.sendall(line)
            answer = b""
            while not answer.endswith(b"\n"):
                data = connection.recv(100)
                if not data:
                    raise ConnectionError("closed")
                answer += data
            if answer != line:
                raise ConnectionError("another answer")
            self.count.good(kind)
            time.sleep(PAUSE)
        connection.close()

    def tcp_long(self, kind, address, port):
        self.tcp(kind, address, port, None)

    def tcp_fresh(self, kind, address, port):
        self.tcp(kind, address, port, 1)

    def udp(self, kind, address, port, datagrams):
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wire.connect((address, port))
        wire.settimeout(LIMIT)
        number = 0
        while self.goes_on and (datagrams is None or number < datagrams):
            number += 1
            wire.send(str(number).encode())
            if wire.recv(100) != str(number).encode():
                raise ConnectionError("another answer")
            self.count.good(kind)
            time.sleep(PAUSE)
        wire.close()

    def udp_flow(self, kind, address, port):
        self.udp(kind, address, port, None)

    def udp_fresh(self, kind, address, port):
        self.udp(kind, address, port, 1)


def serve_tcp(port):
    listener = socket.create_server(("127.0.0.1", port), backlog=200)

    def echo(connection):
        with connection:
            while data := connection.recv(1000):
                connection.sendall(data)

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=echo, args=(connection,), daemon=True).start()


def serve_udp(port):
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("127.0.0.1", port))
    while True:
        data, sender = wire.recvfrom(1000)
        wire.sendto(data, sender)


def main():
    if sys.argv[1] == "backends":
        threading.Thread(target=serve_udp, args=(int(sys.argv[3]),), daemon=True).start()
        serve_tcp(int(sys.argv[2]))
    else:
        with open(sys.argv[1]) as file:
            print(json.dumps(Clients(json.load(file)).run()))


main()
