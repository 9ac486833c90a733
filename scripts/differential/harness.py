"""Sends the same request to two servers and finds what differs in their answers."""

import http.client
import json
import re
import threading
import time
import urllib.parse
from collections import OrderedDict

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
TOKEN = re.compile(r"⟦[^⟧]*⟧")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$")
# Lists whose order means something. All others are sets.
ORDERED = {"l7policies", "tls_versions", "alpn_protocols", "versions"}
# Addresses that the server chooses when the request does not.
ADDRESSES = {"vip_address", "ip_address"}

# Values whose differences must not stand for those of others.
ODD_VALUES = {'"1_0"': " with an underscore", ":99999/": " with a large port"}

OCTAVIA, OTTAVA = 0, 1
SIDES = (OCTAVIA, OTTAVA)
NAMES = ("Octavia", "Ottava")


class Stop(Exception):
    """There is no more time."""


class HarnessFault(Exception):
    """The comparison itself does not work."""


class Server:
    """One of the two servers. `identities` maps a role to the headers that grant it."""

    def __init__(self, name, url, identities):
        self.name = name
        parts = urllib.parse.urlsplit(url)
        self.host, self.port, self.prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self.identities = identities

    def send(self, method, path, body, headers, identity="admin"):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            # By hand: http.client adds headers and refuses paths that are to be tested.
            connection.putrequest(method, self.prefix + path, skip_accept_encoding=True)
            everything = dict(self.identities.get(identity, {}))
            everything.update(headers)
            if body is not None:
                everything["Content-Length"] = str(len(body))
            for name, value in everything.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            content = response.read()
            return Answer(response.status, content, response.getheader("Content-Type", ""))
        finally:
            connection.close()


class Answer:
    def __init__(self, status, content, content_type):
        self.status = status
        self.text = content.decode("utf-8", "replace")
        self.type = content_type.split(";")[0].strip()
        try:
            self.json = json.loads(self.text) if self.text else None
            self.is_json = bool(self.text)
        except ValueError:
            self.json, self.is_json = None, False

    @property
    def is_success(self):
        return 200 <= self.status < 300


class Ref:
    """An object that exists on both servers, with an id of its own on each."""

    def __init__(self, label, ids):
        self.token, self.ids = f"⟦{label}⟧", ids

    def __str__(self):
        return self.token


class Result:
    """What both servers said."""

    def __init__(self, answers, registry):
        self.answers, self.registry = answers, registry

    @property
    def both(self):
        return all(answer.is_success for answer in self.answers)

    @property
    def neither(self):
        return not any(answer.is_success for answer in self.answers)

    @property
    def diverged(self):
        return not self.both and not self.neither

    def ref(self, envelope):
        """The object that a POST has made."""
        return self.registry.lookup(self.answers[OTTAVA].json[envelope]["id"])

    def find(self, collection, **attributes):
        """An object inside a fully populated load balancer."""

        def search(value, key):
            if isinstance(value, dict):
                if key == collection and "id" in value and all(value.get(k) == v for k, v in attributes.items()):
                    yield value["id"]
                for name, item in value.items():
                    yield from search(item, name)
            elif isinstance(value, list):
                for item in value:
                    yield from search(item, key)

        for identifier in search(self.answers[OTTAVA].json, ""):
            ref = self.registry.lookup(identifier)
            if ref:
                return ref
        raise HarnessFault(f"no {collection} with {attributes} in {self.answers[OTTAVA].text[:500]}")


class Registry:
    """Which id of the one server stands for which id of the other one."""

    def __init__(self):
        self.lock = threading.Lock()
        self.labels = ({}, {})
        self.refs = {}
        self.literals = set()

    def lookup(self, ottava_id):
        return self.refs.get(f"⟦{self.labels[OTTAVA].get(ottava_id)}⟧")

    def resolve(self, text, side):
        return TOKEN.sub(lambda match: self.refs[match[0]].ids[side] if match[0] in self.refs else match[0], text)

    def learn_literals(self, text):
        found = UUID.findall(text)
        if found:
            with self.lock:
                self.literals.update(found)

    def pair(self, first, second, lane):
        """Finds ids that stand at the same place of two answers."""
        self._pair(first, second, "", lane)

    def _pair(self, first, second, kind, lane):
        if isinstance(first, dict) and isinstance(second, dict):
            a, b = first.get("id"), second.get("id")
            if isinstance(a, str) and isinstance(b, str) and UUID.fullmatch(a) and UUID.fullmatch(b):
                with self.lock:
                    if a not in self.labels[0] and b not in self.labels[1]:
                        lane.created += 1
                        ref = Ref(f"{lane.name}-{kind.rstrip('s')}-{lane.created}", (a, b))
                        self.labels[0][a] = self.labels[1][b] = ref.token[1:-1]
                        self.refs[ref.token] = ref
            for key in first.keys() & second.keys():
                self._pair(first[key], second[key], key, lane)
        elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
            ordered = [sorted(items, key=lambda item: self.canonical(item, side))
                       for side, items in enumerate((first, second))]
            for a, b in zip(*ordered):
                self._pair(a, b, kind, lane)

    def canonical(self, value, side):
        return json.dumps(self.normalise(value, side), sort_keys=True)

    def normalise(self, value, side, key="", order=None):
        """The value with ids, times, addresses and hosts replaced, and with sets sorted."""
        if isinstance(value, dict):
            return {self.text(k, side): self.normalise(v, side, k) for k, v in value.items()}
        if isinstance(value, list):
            items = [self.normalise(item, side, key) for item in value]
            if order is not None:
                return sort_ties(items, order)
            return items if key in ORDERED else sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
        if isinstance(value, str):
            match = TIME.match(value)
            if match and key.endswith("_at"):
                return "<time with fraction>" if match[1] else "<time>"
            if key in ADDRESSES and value not in self.literals:
                return "<address>"
            return self.text(value, side)
        return value

    def text(self, value, side):
        def replace(match):
            label = self.labels[side].get(match[0])
            if label:
                return f"⟦{label}⟧"
            return match[0] if match[0] in self.literals else "<uuid>"

        return re.sub(r"https?://127\.0\.0\.1:\d+(/load-balancer)?(?=/)", "<base>", UUID.sub(replace, value))


def sort_ties(items, keys):
    """A list sorted by the server, in which the order of what is equal in the keys does not matter."""

    def place(item):
        # What has no id, such as a quota, is known by its project; its limits may differ with a reason.
        return (isinstance(item, dict) and "id" not in item and item.get("project_id") or "",
                json.dumps(item, sort_keys=True))

    result, run, previous = [], [], None
    for item in items:
        value = [item.get(key) if isinstance(item, dict) else None for key in keys]
        if value != previous:
            result += sorted(run, key=place)
            run, previous = [], value
        run.append(item)
    return result + sorted(run, key=place)


# What a fault says


def kind_of_text(text):
    """A fault's text without what depends on the request: ids, values, numbers."""
    text = TOKEN.sub("<id>", re.sub(UUID.pattern, "<id>", text, flags=re.IGNORECASE)).replace("<uuid>", "<id>")
    text = " ".join(text.split())
    match = re.match(r"Invalid input for field/attribute (\S+)\. Value: .*?'?\. ?((?:Value|Mandatory)\b.*)$", text)
    if match:
        return f"Invalid input for <{match[1]}>: {kind_of_reason(match[2])}"
    match = re.match(r"(Invalid input for field/attribute \S+?)\. Value: .*\. (.*)$", text)
    if match:
        return f"Invalid input for <{match[1].split()[-1]}>: {kind_of_reason(match[2])}"
    match = re.match(r"(Unknown attributes? for argument \S+:) (.*)$", text)
    if match:
        return f"{match[1]} {', '.join(sorted(match[2].split(', ')))}"
    return placeholders(text)


def kind_of_reason(reason):
    match = re.match(r"(Value should be one of:) (.*)$", reason)
    if match:
        return f"{match[1]} {', '.join(sorted(word.strip() for word in match[2].split(',')))}"
    if reason.startswith("Value should match the pattern"):
        return reason
    return placeholders(re.sub(r"^(Value not [^:]*:).*", r"\1 <v>", reason))


def placeholders(text):
    text = re.sub(r"\"[^\"]*\"|'[^']*'", "<v>", text)
    return re.sub(r"(?<![\w<])[-+]?\d+(\.\d+)?\b", "<n>", text)


def fault_of(answer, registry, side):
    """The fault of an answer: its shape and the kind of its text."""
    if not answer.is_json:
        return f"{answer.type or 'no type'}: {placeholders(answer.text[:80]) or 'no body'}"
    body = answer.json
    if isinstance(body, dict) and "faultstring" in body:
        text = registry.text(str(body["faultstring"]), side)
        extra = "" if set(body) == {"faultstring", "faultcode", "debuginfo"} else f" keys {sorted(body)}"
        code = "" if (body.get("faultcode") == "Server") == (answer.status >= 500) else f" {body.get('faultcode')}"
        if answer.status == 500 and not text.startswith("Provider"):
            return "<internal>"
        return kind_of_text(text) + code + extra
    if isinstance(body, dict) and set(body) == {"code", "title", "description"}:
        return f"{body['title']}/{kind_of_text(registry.text(str(body['description'] or ''), side))}"
    return "other: " + kind_of_text(registry.text(answer.text[:120], side))


def differences(answers, registry, order):
    """What differs, as short texts that are the same for the same cause."""
    first, second = answers
    if first.status != second.status:
        says = [f"{a.status} {'' if a.is_success else fault_of(a, registry, side)}".strip()
                for side, a in enumerate(answers)]
        return [f"status: {says[0]} -> {says[1]}"]
    if first.status >= 400:
        faults = [fault_of(answer, registry, side) for side, answer in enumerate(answers)]
        return [] if faults[0] == faults[1] else [f"text {first.status}: {faults[0]} -> {faults[1]}"]
    result = []
    if first.type != second.type:
        result.append(f"content type: {first.type} -> {second.type}")
    if first.is_json != second.is_json:
        return result + [f"body: {'JSON' if first.is_json else repr(first.text[:20])} -> "
                         f"{'JSON' if second.is_json else repr(second.text[:20])}"]
    if not first.is_json:
        return result if first.text == second.text else result + ["body text"]
    bodies = []
    for side, answer in enumerate(answers):
        body = answer.json
        if order is not None and isinstance(body, dict):
            # Of a list only the page itself has an order that was asked for.
            bodies.append({k: registry.normalise(v, side, k, order if isinstance(v, list) and not k.endswith("_links")
                                                 else None) for k, v in body.items()})
        else:
            bodies.append(registry.normalise(body, side))
    return result + list(OrderedDict.fromkeys(compare(bodies[0], bodies[1], "")))


def shown(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = TOKEN.sub("<id>", text)
    return text if len(text) <= 60 else text[:57] + "…"


def compare(a, b, path):
    if type_name(a) != type_name(b):
        if type_name(a) in ("object", "array") or type_name(b) in ("object", "array"):
            yield f"type of {path}: {type_name(a)} -> {type_name(b)}"
        else:
            yield f"value of {path}: {shown(a)} -> {shown(b)}"
    elif isinstance(a, dict) and (not a) != (not b):
        yield f"value of {path}: {'{…} -> {}' if a else '{} -> {…}'}"
    elif isinstance(a, dict):
        for key in sorted(a.keys() | b.keys()):
            place = f"{path}.{key}" if path else key
            if key not in b:
                yield f"key {place}: only Octavia"
            elif key not in a:
                yield f"key {place}: only Ottava"
            else:
                yield from compare(a[key], b[key], place)
    elif isinstance(a, list):
        if len(a) != len(b):
            yield f"length of {path}: {shown(a) if not a or not isinstance(a[0], dict) else len(a)} -> " \
                  f"{shown(b) if not b or not isinstance(b[0], dict) else len(b)}"
        else:
            for x, y in zip(a, b):
                yield from compare(x, y, path + "[]")
    elif a != b:
        yield f"value of {path}: {shown(a)} -> {shown(b)}"


def type_name(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {int: "integer", float: "number", str: "string", list: "array", dict: "object"}[type(value)]


class Review:
    """The differences that have been looked at."""

    def __init__(self, entries):
        self.entries = [(re.compile(pattern), entry["reason"]) for entry in entries for pattern in entry["signatures"]]
        self.used = set()

    def reason(self, signature):
        for pattern, reason in self.entries:
            if pattern.search(signature):
                self.used.add(pattern.pattern)
                return reason
        return None

    @property
    def unused(self):
        return [pattern.pattern for pattern, _ in self.entries if pattern.pattern not in self.used]


class Ledger:
    """Counts of what was compared."""

    def __init__(self, review, transcript=None):
        self.review, self.transcript = review, transcript
        self.lock = threading.Lock()
        self.requests = self.equal = self.accepted = self.failed = 0
        self.statuses = {}
        self.reasons = {}
        self.unexplained = OrderedDict()
        self.signatures = {}

    def record(self, case, request, answers, found):
        with self.lock:
            self.requests += 1
            status = answers[OCTAVIA].status
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if self.transcript:
                print(json.dumps({"case": case, "request": request, "found": found,
                                  "answers": [[a.status, a.text] for a in answers]}, ensure_ascii=False),
                      file=self.transcript)
            is_explained = True
            for difference in found:
                signature = f"{case} | {difference}"
                self.signatures[signature] = self.signatures.get(signature, 0) + 1
                reason = self.review.reason(signature)
                if reason:
                    self.reasons[reason] = self.reasons.get(reason, 0) + 1
                    continue
                is_explained = False
                entry = self.unexplained.setdefault(signature, {"count": 0, "request": request, "answers": answers})
                entry["count"] += 1
            if not found:
                self.equal += 1
            elif is_explained:
                self.accepted += 1
            else:
                self.failed += 1


class Lane:
    """A sequence of requests about load balancers of its own; several lanes run side by side."""

    def __init__(self, name, servers, registry, ledger, random, settle, deadline, project, size):
        self.name, self.servers, self.registry, self.ledger = name, servers, registry, ledger
        self.random, self.settled, self.deadline, self.project = random, settle, deadline, project
        self.size = size
        self.created = self.number = self.sent = 0
        self.load_balancer = None
        self.is_dirty = self.is_new = False
        self.is_complete = False

    def some(self, cases):
        """As many of the cases as the size of the run allows, in an order of chance."""
        cases = list(cases)
        count = min(len(cases), max(1, round(len(cases) * self.size)))
        chosen = sorted(self.random.sample(range(len(cases)), count))
        return [cases[i] for i in chosen]

    def unique(self):
        self.number += 1
        return self.number

    def send(self, case, method, path, body=None, *, raw=None, headers=None, tree=True, order=None, identity="admin",
             quiet=False):
        """Sends one request to both and records what differs.

        `tree` says that it concerns the lane's load balancer, which is waited for before.
        """
        if time.monotonic() > self.deadline:
            raise Stop()
        if tree and self.is_dirty:
            self.settle()
        if raw is not None:
            template = raw
        else:
            template = None if body is None else json.dumps(body, ensure_ascii=False, default=str)
        for mark, words in ODD_VALUES.items():
            if isinstance(template, str) and mark in template:
                case += words
        everything = {"Accept": "application/json"}
        if template is not None:
            everything["Content-Type"] = "application/json"
        everything.update(headers or {})
        self.registry.learn_literals(path + (template if isinstance(template, str) else ""))
        self.learn_addresses(body)
        answers = []
        for side, server in enumerate(self.servers):
            content = template
            if isinstance(template, str):
                content = self.registry.resolve(template, side).encode("utf-8", "surrogatepass")
            target = urllib.parse.quote(self.registry.resolve(path, side), safe="/?&=%:,+~*'()!$;@[]#-._")
            answers.append(self.ask(server, method, target, content, everything, identity))
        result = Result(answers, self.registry)
        self.sent += 1
        if method == "POST" and result.both and answers[0].is_json and answers[1].is_json:
            self.registry.pair(answers[0].json, answers[1].json, self)
        if not quiet:
            found = differences(answers, self.registry, order)
            self.ledger.record(case, {"method": method, "path": path, "identity": identity,
                                      "headers": headers, "body": template if isinstance(template, str)
                                      else repr(template)}, answers, found)
        if tree and method in ("POST", "PUT", "DELETE") and not result.neither:
            self.is_dirty = True
        return result

    @staticmethod
    def ask(server, method, target, content, headers, identity):
        for attempt in range(5):
            try:
                answer = server.send(method, target, content, headers, identity)
            except (OSError, http.client.HTTPException) as error:
                return Answer(599, f"no answer: {type(error).__name__}".encode(), "")
            # Octavia gives up when its database sees a deadlock with another request; the same again works.
            if answer.status == 500 and ("Deadlock" in answer.text or "Something unknown went wrong" in answer.text):
                time.sleep(0.2 * (attempt + 1))
                continue
            break
        return answer

    def learn_addresses(self, value, key=""):
        if isinstance(value, dict):
            for name, item in value.items():
                self.learn_addresses(item, name)
        elif isinstance(value, list):
            for item in value:
                self.learn_addresses(item, key)
        elif isinstance(value, str) and key in ADDRESSES:
            with self.registry.lock:
                self.registry.literals.add(value)

    def undo(self, result, path, envelope):
        """Deletes what a POST has made on one side only."""
        for side, answer in enumerate(result.answers):
            if result.diverged and answer.is_success:
                made = answer.json[envelope]
                target = f"{path}/{urllib.parse.quote(str(made.get('id') or made.get('name')), safe='')}"
                self.servers[side].send("DELETE", target, None, {})

    def settle(self):
        """Waits until the lane's load balancer is ACTIVE on both sides."""
        self.is_dirty = False
        if not self.load_balancer:
            return
        for side in SIDES:
            end = time.monotonic() + 60
            while True:
                status = self.settled(side, self.load_balancer.ids[side])
                if status in ("ACTIVE", "DELETED"):
                    break
                if status == "ERROR" or time.monotonic() > end:
                    raise HarnessFault(f"lane {self.name}: {NAMES[side]}'s load balancer is {status}")
                if time.monotonic() > self.deadline:
                    raise Stop()
                time.sleep(0.03)
        if self.is_new:
            self.settled.forget_order_of_creation(self.load_balancer.ids[OCTAVIA])
            self.is_new = False
