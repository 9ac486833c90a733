#!/usr/bin/env python3
"""Makes accounts in a new Keystone for Octavia, and writes the clouds.yaml that describes them.

Usage: accounts.py URL_OF_KEYSTONE URL_OF_OCTAVIA

The account `admin` with its password has been made by `keystone-manage bootstrap`. Beside one user with a project and one
operator there is an entry for each way to log in: application credential, token, trust, system scope, domain scope.
"""

import json
import sys
import urllib.request

KEYSTONE, OCTAVIA = sys.argv[1:]
DEFAULT = {"id": "default"}


def call(method, path, body=None, token=None):
    """The answer of Keystone and its headers."""
    headers = {"Content-Type": "application/json"} | ({"X-Auth-Token": token} if token else {})
    request = urllib.request.Request(KEYSTONE + path, body and json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read() or "null"), response.headers


def log_in(user, scope):
    identity = {"methods": ["password"], "password": {"user": {"name": user, "domain": DEFAULT, "password": user}}}
    answer, headers = call("POST", "/auth/tokens", {"auth": {"identity": identity, "scope": scope}})
    return answer["token"], headers["X-Subject-Token"]


def project_scope(name):
    return {"project": {"name": name, "domain": DEFAULT}}


_, ADMIN = log_in("admin", project_scope("admin"))
ROLES = {it["name"]: it["id"] for it in call("GET", "/roles", token=ADMIN)[0]["roles"]}


def make(kind, fields):
    return call("POST", f"/{kind}s", {kind: fields}, ADMIN)[0][kind]["id"]


def make_user(name, project, *roles):
    """A user whose password is the name."""
    user = make("user", {"name": name, "domain_id": "default", "password": name, "default_project_id": project})
    for role in roles:
        call("PUT", f"/projects/{project}/users/{user}/roles/{ROLES[role]}", token=ADMIN)
    return user


service = make("project", {"name": "service", "domain_id": "default"})
make_user("octavia", service, "admin")
demo_project = make("project", {"name": "demo", "domain_id": "default"})
demo = make_user("demo", demo_project, "member", "reader")
trustee = make_user("trustee", service, "reader")
admin = call("GET", "/users?name=admin", token=ADMIN)[0]["users"][0]["id"]
call("PUT", f"/domains/default/users/{admin}/roles/{ROLES['admin']}", token=ADMIN)

octavia = make("service", {"type": "load-balancer", "name": "octavia"})
for interface in ("public", "internal", "admin"):
    make("endpoint", {"service_id": octavia, "interface": interface, "region_id": "RegionOne", "url": OCTAVIA})

_, token = log_in("demo", project_scope("demo"))
credential = call(
    "POST", f"/users/{demo}/application_credentials", {"application_credential": {"name": "robot"}}, token
)[0]["application_credential"]
trust = call("POST", "/OS-TRUST/trusts", {"trust": {
    "trustor_user_id": demo, "trustee_user_id": trustee, "project_id": demo_project, "impersonation": False,
    "roles": [{"name": "member"}]}}, token)[0]["trust"]["id"]


def password(user, **scope):
    return {"username": user, "password": user, "user_domain_id": "default", **scope}


def entry(auth, **more):
    return {"auth": {"auth_url": KEYSTONE, **auth}, "region_name": "RegionOne", **more}


# JSON is YAML.
json.dump({"clouds": {
    "octavia": entry(password("demo", project_name="demo", project_domain_id="default")),
    "octavia-admin": entry(password("admin", project_name="admin", project_domain_id="default")),
    "credential": entry(
        {"application_credential_id": credential["id"], "application_credential_secret": credential["secret"]},
        auth_type="v3applicationcredential"),
    "credential-by-name": entry(
        {"application_credential_name": "robot", "application_credential_secret": credential["secret"],
         "username": "demo", "user_domain_id": "default"}, auth_type="v3applicationcredential"),
    "token": entry({"token": token, "project_id": demo_project}, auth_type="token"),
    "trust": entry(password("trustee", trust_id=trust)),
    "system": entry(password("admin", system_scope="all")),
    "domain": entry(password("admin", domain_id="default")),
    # The list of versions says where version 3 is.
    "unversioned": entry(
        {**password("demo", project_name="demo", project_domain_id="default"), "auth_url": KEYSTONE[:-len("/v3")]}),
    "internal": entry(password("demo", project_id=demo_project), interface="internal"),
}}, sys.stdout, indent=1)
print()
