#!/usr/bin/env python3
"""Compares Ottava with the real OpenStack Octavia, request by request.

Sends the same requests, made from a seed, to both and compares status, keys, types and values of bodies, and kinds of
fault texts. Ids are mapped as objects are created; ids, times and addresses that a server chooses are not compared.
Differences that have been reviewed are in accepted.yaml. Ends with "N passed, N failed", and with an error if anything
failed: a request fails when its answers differ in a way that nobody has accepted.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import random
import sys
import threading
import time
import traceback
import urllib.parse
import urllib.request

import pymysql
import yaml

from generator import LANES, LAST
from harness import NAMES, OCTAVIA, OTTAVA, HarnessFault, Lane, Ledger, Registry, Review, Server, Stop


def headers_of(ottava, user, password, project):
    """A token of Ottava, and what Octavia has to be told instead."""
    token, body = ottava_login(ottava, user, password, project)
    roles = ",".join(role["name"] for role in body["roles"])
    return ({"X-Project-Id": body["project"]["id"], "X-User-Id": body["user"]["id"], "X-Roles": roles,
             "X-Domain-Id": None},
            {"X-Auth-Token": token})


def ottava_login(url, user, password, project):
    request = urllib.request.Request(url + "/identity/v3/auth/tokens", json.dumps({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "name": user, "domain": {"id": "default"}, "password": password}}},
        "scope": {"project": {"name": project, "domain": {"id": "default"}}}}}).encode(),
        {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return response.headers["X-Subject-Token"], json.load(response)["token"]


def make_people(url, admin):
    """A project with a member and a reader."""
    identity = Server("identity", url + "/identity/v3", {"admin": admin})

    def call(method, path, body=None):
        answer = identity.send(method, path, body and json.dumps(body).encode(), {"Content-Type": "application/json"})
        if not answer.is_success:
            raise HarnessFault(f"{method} {path}: {answer.status} {answer.text}")
        return answer.json

    roles = {role["name"]: role["id"] for role in call("GET", "/roles")["roles"]}
    project = call("POST", "/projects", {"project": {"name": "others", "domain_id": "default"}})["project"]["id"]
    for name in ("member", "reader"):
        user = call("POST", "/users", {"user": {"name": f"the-{name}", "domain_id": "default",
                                                "password": "password"}})["user"]["id"]
        call("PUT", f"/projects/{project}/users/{user}/roles/{roles[name]}")


class Settled:
    """The provisioning status of a load balancer; Octavia's comes from its database, which is much faster."""

    def __init__(self, database, ottava):
        self.database, self.ottava, self.local = urllib.parse.urlsplit(database), ottava, threading.local()

    def __call__(self, side, identifier):
        if side == OTTAVA:
            answer = self.ottava.send("GET", f"/v2/lbaas/loadbalancers/{identifier}", None, {})
            return answer.json["loadbalancer"]["provisioning_status"] if answer.status == 200 else "DELETED"
        if not hasattr(self.local, "connection"):
            self.local.connection = pymysql.connect(
                host=self.database.hostname, port=self.database.port, user=self.database.username,
                password=self.database.password, database=self.database.path.strip("/"), autocommit=True)
        with self.local.connection.cursor() as cursor:
            cursor.execute("SELECT provisioning_status FROM load_balancer WHERE id = %s", (identifier,))
            row = cursor.fetchone()
            return row[0] if row else "DELETED"


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--octavia", required=True, help="address of Octavia with auth_strategy testing")
    parser.add_argument("--octavia-database", required=True, help="mysql://user:password@host:port/database")
    parser.add_argument("--ottava", required=True, help="address of Ottava, which runs with --no-op")
    parser.add_argument("--password", required=True, help="Ottava's administrator's")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=float, default=0.2,
                        help="which part of all values to try: 1 is all; the rest is chosen by the seed")
    parser.add_argument("--seconds", type=float, default=400, help="when to stop sending")
    parser.add_argument("--lanes", default=",".join([*LANES, *LAST]), help="which sequences of requests, with commas")
    parser.add_argument("--side-by-side", type=int, default=4, help="how many sequences at once")
    parser.add_argument("--accepted", default=os.path.join(here, "accepted.yaml"))
    parser.add_argument("--report", help="a file for every difference with an example, in JSON")
    parser.add_argument("--transcript", help="a file for every request with both answers, in JSON lines")
    options = parser.parse_args()

    with open(options.accepted) as file:
        review = Review(yaml.safe_load(file) or [])
    admin = headers_of(options.ottava, "admin", options.password, "admin")
    make_people(options.ottava, admin[OTTAVA])
    identities = {"admin": admin, "member": headers_of(options.ottava, "the-member", "password", "others"),
                  "reader": headers_of(options.ottava, "the-reader", "password", "others")}
    servers = [Server(NAMES[side], address, {name: pair[side] for name, pair in identities.items()})
               for side, address in enumerate((options.octavia, options.ottava + "/load-balancer"))]
    registry = Registry()
    transcript = open(options.transcript, "w", buffering=1) if options.transcript else None
    ledger = Ledger(review, transcript)
    settled = Settled(options.octavia_database, servers[OTTAVA])
    began = time.monotonic()
    faults, unfinished, counts = [], [], {}

    def run(name, work):
        lane = Lane(name, servers, registry, ledger, random.Random(f"{options.seed} {name}"), settled,
                    began + options.seconds, hashlib.md5(f"{options.seed} {name}".encode()).hexdigest(), options.size)
        start = time.monotonic()
        try:
            work(lane)
        except Stop:
            unfinished.append(name)
        except Exception as error:
            faults.append(f"{name}: {error if isinstance(error, HarnessFault) else traceback.format_exc()}")
        counts[name] = (lane.sent, time.monotonic() - start)

    wanted = options.lanes.split(",")
    with concurrent.futures.ThreadPoolExecutor(options.side_by_side) as pool:
        list(pool.map(lambda item: run(*item), [item for item in LANES.items() if item[0] in wanted]))
    for item in LAST.items():
        if item[0] in wanted:
            run(*item)

    if options.report:
        with open(options.report, "w") as file:
            json.dump({"signatures": ledger.signatures, "unexplained": [
                {"signature": signature, "count": entry["count"], "request": entry["request"],
                 "answers": {NAMES[side]: [answer.status, answer.text] for side, answer in enumerate(entry["answers"])}}
                for signature, entry in ledger.unexplained.items()]}, file, indent=1, ensure_ascii=False)
    for signature, entry in list(ledger.unexplained.items())[:200]:
        print(f"\nUNEXPLAINED ×{entry['count']}: {signature}")
        request = entry["request"]
        print(f"  request: {request['method']} {request['path']} {request['headers'] or ''} {(request['body'] or '')[:300]}")
        for side, answer in enumerate(entry["answers"]):
            print(f"  {NAMES[side]:8}: {answer.status} {answer.text[:400]}")
    if len(ledger.unexplained) > 200:
        print(f"\n… and {len(ledger.unexplained) - 200} more kinds")

    print(f"\n{ledger.requests} requests in {time.monotonic() - began:.0f} s, seed {options.seed}, size {options.size}")
    print("by Octavia's status: " + ", ".join(f"{count} × {status}" for status, count in sorted(ledger.statuses.items())))
    for name, (sent, seconds) in counts.items():
        print(f"  {name:14}{sent:6} requests {seconds:6.0f} s{'  STOPPED: no more time' if name in unfinished else ''}")
    print(f"{ledger.equal} equal")
    print(f"{ledger.accepted} with accepted differences:")
    for reason, count in sorted(ledger.reasons.items(), key=lambda item: -item[1]):
        print(f"  {count:6} × {reason}")
    print(f"{ledger.failed} with unexplained differences, of {len(ledger.unexplained)} kinds")
    for pattern in review.unused if not unfinished and options.size >= 1 else []:
        print(f"accepted, but did not occur: {pattern}")
    for fault in faults:
        print(f"THE COMPARISON BROKE OFF: {fault}")
    failed = ledger.failed + len(faults)
    print(f"{ledger.equal + ledger.accepted} passed, {failed} failed")
    sys.exit(1 if failed or not ledger.requests else 0)


if __name__ == "__main__":
    main()
