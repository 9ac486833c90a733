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

from generator import ATTENDED, LANES, LAST
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
        with self.connection().cursor() as cursor:
            cursor.execute("SELECT provisioning_status FROM load_balancer WHERE id = %s", (identifier,))
            row = cursor.fetchone()
            return row[0] if row else "DELETED"

    def forget_order_of_creation(self, identifier):
        """Lets the members of a new Octavia load balancer wait for their monitors.

        In one request with a monitor they begin OFFLINE or NO_MONITOR, as the memory of its session happens to be.
        """
        with self.connection().cursor() as cursor:
            cursor.execute("SELECT id FROM pool WHERE load_balancer_id = %s", (identifier,))
            pools = [row[0] for row in cursor.fetchall()]
            if not pools:
                return
            cursor.execute("SELECT pool_id FROM health_monitor WHERE pool_id IN %s", (pools,))
            watched = [row[0] for row in cursor.fetchall()]
            if not watched:
                return
            cursor.execute("SELECT id FROM member WHERE pool_id IN %s AND operating_status = 'NO_MONITOR'", (watched,))
            members = [row[0] for row in cursor.fetchall()]
            if members:
                cursor.execute("UPDATE member SET operating_status = 'OFFLINE' WHERE id IN %s", (members,))

    def connection(self):
        if not hasattr(self.local, "connection"):
            self.local.connection = pymysql.connect(
                host=self.database.hostname, port=self.database.port, user=self.database.username,
                password=self.database.password, database=self.database.path.strip("/"), autocommit=True)
        return self.local.connection


class SettledByHand(Settled):
    """Does to Octavia's database what the worker would do to it in the end, in milliseconds instead of seconds.

    Only statuses and deletions: Octavia's API stores everything else itself. What the worker really leaves behind is
    compared in the lanes that have one.
    """

    def __call__(self, side, identifier):
        if side == OTTAVA:
            return super().__call__(side, identifier)
        for _ in range(5):
            try:
                return self.work(identifier)
            except pymysql.err.OperationalError:
                # Another request holds what is needed.
                self.connection().rollback()
                time.sleep(0.1)
        raise HarnessFault("Octavia's database is locked")

    def work(self, identifier):
        connection = self.connection()
        with connection.cursor() as cursor:
            def run(statement, *values):
                cursor.execute(statement, values)
                return cursor.fetchall()

            def ids(table, key, values, condition="TRUE", order=""):
                if not values:
                    return []
                cursor.execute(f"SELECT id FROM {table} WHERE {key} IN %s AND {condition} {order}", (values,))
                return [row[0] for row in cursor.fetchall()]

            # By primary keys only: whoever looks for rows locks what others need.
            def delete(table, rows, key="id"):
                if rows:
                    run(f"DELETE FROM {table} WHERE {key} IN %s", rows)

            def update(table, rows, change):
                if rows:
                    run(f"UPDATE {table} SET {change}, updated_at = UTC_TIMESTAMP() WHERE id IN %s", rows)

            status = run("SELECT provisioning_status FROM load_balancer WHERE id = %s", identifier)
            status = status[0][0] if status else "DELETED"
            if status in ("ACTIVE", "DELETED"):
                return status
            connection.begin()
            run("SET foreign_key_checks = 0")
            going = "TRUE" if status == "PENDING_DELETE" else "provisioning_status = 'PENDING_DELETE'"
            listeners, pools = (ids(table, "load_balancer_id", [identifier]) for table in ("listener", "pool"))
            gone = {"listener": ids("listener", "load_balancer_id", [identifier], going),
                    "pool": ids("pool", "load_balancer_id", [identifier], going)}
            policies = ids("l7policy", "listener_id", listeners)
            gone["l7policy"] = ids("l7policy", "listener_id", listeners, going) + ids("l7policy", "listener_id", gone["listener"])
            gone["l7rule"] = ids("l7rule", "l7policy_id", policies, going) + ids("l7rule", "l7policy_id", gone["l7policy"])
            gone["member"] = ids("member", "pool_id", pools, going) + ids("member", "pool_id", gone["pool"])
            gone["health_monitor"] = (ids("health_monitor", "pool_id", pools, going)
                                      + ids("health_monitor", "pool_id", gone["pool"]))
            for monitor in gone["health_monitor"]:
                pool = run("SELECT pool_id FROM health_monitor WHERE id = %s", monitor)[0]
                update("member", ids("member", "pool_id", pool), "operating_status = 'NO_MONITOR'")
            for table, rows in gone.items():
                delete(table, rows)
            update("listener", ids("listener", "default_pool_id", gone["pool"]), "default_pool_id = NULL")
            delete("session_persistence", gone["pool"], "pool_id")
            for listener in listeners if gone["l7policy"] else []:
                for position, policy in enumerate(ids("l7policy", "listener_id", [listener], order="ORDER BY position"), 1):
                    run("UPDATE l7policy SET position = %s WHERE id = %s", position, policy)
            pending = "provisioning_status LIKE 'PENDING_%%'"
            # Members' operating statuses are the health manager's; policies and rules of a whole tree stay OFFLINE.
            on = ", operating_status = IF(enabled, 'ONLINE', 'OFFLINE')"
            works = "" if status == "PENDING_CREATE" else on
            for table, key, parents, more in (
                    ("l7rule", "l7policy_id", policies, works), ("l7policy", "listener_id", listeners, works),
                    ("health_monitor", "pool_id", pools, on), ("member", "pool_id", pools, ""),
                    ("listener", "load_balancer_id", [identifier], ""), ("pool", "load_balancer_id", [identifier], "")):
                update(table, ids(table, key, parents, pending), "provisioning_status = 'ACTIVE'" + more)
            status = "DELETED" if status == "PENDING_DELETE" else "ACTIVE"
            update("load_balancer", [identifier], f"provisioning_status = '{status}'")
            run("SET foreign_key_checks = 1")
            connection.commit()
            return status


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--octavia", required=True, help="address of Octavia with auth_strategy testing")
    parser.add_argument("--octavia-unattended", required=True, help="address of one that has no worker")
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
    unattended = [Server(NAMES[OCTAVIA], options.octavia_unattended, servers[OCTAVIA].identities), servers[OTTAVA]]
    settled = Settled(options.octavia_database, servers[OTTAVA])
    settled_by_hand = SettledByHand(options.octavia_database, servers[OTTAVA])
    began = time.monotonic()
    faults, unfinished, counts = [], [], {}

    def run(name, work):
        lane = Lane(name, servers if name in ATTENDED else unattended, registry, ledger,
                    random.Random(f"{options.seed} {name}"), settled if name in ATTENDED else settled_by_hand,
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
