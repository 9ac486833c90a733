"""The requests: valid ones, and ones that are wrong in one way each."""

from harness import HarnessFault

BASE = "/v2/lbaas"
SUBNET = "11111111-2222-4333-8444-555555555501"
OTHER_SUBNET = "11111111-2222-4333-8444-555555555502"
NETWORK = "11111111-2222-4333-8444-555555555503"
PORT = "11111111-2222-4333-8444-555555555504"
QOS = "11111111-2222-4333-8444-555555555505"
GROUP = "11111111-2222-4333-8444-555555555506"
NOBODY = "11111111-2222-4333-8444-5555555555ff"
VIP = "198.51.100.7"
CONTAINER = "http://127.0.0.1/key-manager/v1/containers/11111111-2222-4333-8444-5555555555c"

LISTENERS = ["TCP", "HTTP", "HTTPS", "TERMINATED_HTTPS", "UDP", "SCTP", "PROMETHEUS"]
POOLS = ["HTTP", "HTTPS", "PROXY", "PROXYV2", "TCP", "UDP", "SCTP"]
MONITORS = ["HTTP", "HTTPS", "PING", "TCP", "TLS-HELLO", "UDP-CONNECT", "SCTP"]
ALGORITHMS = ["ROUND_ROBIN", "LEAST_CONNECTIONS", "SOURCE_IP", "SOURCE_IP_PORT"]
ACTIONS = ["REJECT", "REDIRECT_TO_POOL", "REDIRECT_TO_URL", "REDIRECT_PREFIX"]
RULES = ["HOST_NAME", "PATH", "FILE_TYPE", "HEADER", "COOKIE", "SSL_CONN_HAS_CERT", "SSL_VERIFY_RESULT", "SSL_DN_FIELD"]
COMPARISONS = ["REGEX", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "EQUAL_TO"]

# Values of fields

# One of each type of JSON, and the ones next to them.
ANY = [None, True, False, 0, -1, 1.5, "", "x", "80", [], ["x"], [1], {}, {"x": 1}, 2**63]
# For fields whose values take long to try.
FEW = [None, True, 7, "", "x", [], {}]


def text(limit, common=ANY):
    return [*common, "a" * limit, "a" * (limit + 1), "é" * limit, " two words ", "tab\tnewline\n", "日本語", "<&'\">"]


def integer(low, high):
    return [*ANY, low - 1, low, high, high + 1, str(low), f" {high} ", f"+{high}", "1.0", 7.9, "seven", 1e3, -0.5,
            "0x10", "1_0"]


def choice(*values):
    return [*ANY, *values, values[0].lower(), values[0] + " "]


BOOLEAN = [*ANY, "true", "True", "TRUE", "t", "yes", "y", "on", "1", "false", "f", "no", "n", "off", "0", 2, 0.0,
           "maybe", " true"]
UUID = [*ANY, NOBODY, NOBODY.upper(), NOBODY.replace("-", ""), "{" + NOBODY + "}", "urn:uuid:" + NOBODY, NOBODY[:-1],
        NOBODY + "0", "g" + NOBODY[1:]]
ADDRESS = [*ANY, "192.0.2.1", "192.0.2.01", "192.0.2.256", "192.0.2", "192.0.2.1/32", "2001:db8::1", "2001:DB8:0::1",
           "::ffff:192.0.2.1", "fe80::1%eth0", "::", "1::2::3", " 192.0.2.1", "0.0.0.0", "localhost"]
TAGS = [*ANY, ["a"], ["b", "a"], ["a", "a"], [""], ["a,b"], ["a" * 255], ["a" * 256], [None], [["a"]], ["ü", " "],
        ["A", "a"], [str(i) for i in range(20)], "a,b"]
REFERENCE = [*text(255), CONTAINER + "1"]
CIPHERS = [*ANY, "ECDHE-ECDSA-AES128-GCM-SHA256", "A:B", "A B", "A;B", "A,B", "!aNULL:@SECLEVEL=1+x_y.z", "A" * 2048,
           "A" * 2049, "é"]
VERSIONS = [*ANY, ["TLSv1.2"], ["TLSv1.3", "TLSv1.2"], ["TLSv1", "SSLv3"], ["TLSv1.4"], ["tlsv1.2"],
            ["TLSv1.2", "TLSv1.2"], [None], ["T" * 33], "TLSv1.2"]
ALPN = [*ANY, ["h2"], ["http/1.1", "h2", "http/1.0"], ["http/2"], ["h2", "h2"], ["H2"], [None], "h2"]
URL = [*ANY, "http://example.com", "https://example.com/a?b=c#d", "HTTP://EXAMPLE.COM/", "ftp://example.com/",
       "example.com", "//example.com/", "http://", "http:///path", "http://exa mple.com/", "http://example.com:80/",
       "http://example.com:99999/", "http://user@example.com/", "http://[2001:db8::1]/", "http://example.com/\u0001",
       "http://ex_ample.com/", "http://" + "a" * 248, "http://ü.example/", "http://192.0.2.1/", "http://example.com/ü"]
PATH = [*ANY, "/", "/a/b?c=d#e", "//x", "a", "http://example.com/", "/a b", "/" + "a" * 254, "/%zz", "/ü", "/?", "/#",
        "/a;b=c", "/tab\t"]
CODES = [*ANY, "200", "200,201", "200, 201", "200 ,201", "200-204", "200-204,301", "200,201-204", "99", "1000", "000",
         "999", "200,", ",200", "20", "abc", 200, "204-200", " 200", "200 "]
DOMAIN = [*ANY, "example.com", "example.com.", "-a.com", "a-.com", "_a.example", "a_b.example", "a" * 63,
          "a" * 64, ".".join(["a" * 63] * 3) + "." + "a" * 61, ".".join(["a" * 63] * 4), "exa mple", "ü.example", "a..b",
          "192.0.2.1", "."]
HTTP_VERSION = [*ANY, 1.0, 1.1, 1, 2, "1.0", "1.1", "1.2", " 1.1 ", "1.10", 1.10001]
METHODS = [*ANY, "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PATCH", "get"]
CIDRS = [*ANY, ["10.0.0.0/8"], ["10.1.2.3/8"], ["10.0.0.1"], ["10.0.0.0/33"], ["10.0.0.0/255.0.0.0"], ["0.0.0.0/0"],
         ["10.0.0.0/8", "10.0.0.0/8"], ["10.1.0.0/8", "10.0.0.0/8"], ["2001:db8::/32"], ["10.0.0.0/8", "2001:db8::/32"],
         [None], ["10.0.0/8"], "10.0.0.0/8", ["10.0.0.0/08"], ["10.0.0.0/"]]
HEADERS = [*ANY, {"X-Forwarded-For": "true"}, {"X-Forwarded-For": "false", "X-Forwarded-Port": "true"},
           {"x-forwarded-for": "true"}, {"X-Forwarded-For": True}, {"X-Forwarded-For": None}, {"X-Forwarded-For": 1},
           {"X-Forwarded-Proto": "a" * 255}, {"X-Forwarded-Proto": "a" * 256}, {"X-SSL-Client-CN": "true"},
           {"X-Real-IP": "anything"}, {"X-Client-IP": ""}, {"X-Forwarded-IP": "true", "X-Nonsense": "true"},
           {"X-Forwarded-For": {}}]
PERSISTENCE = [*ANY, {"type": "SOURCE_IP"}, {"type": "HTTP_COOKIE"}, {"type": "APP_COOKIE"},
               {"type": "APP_COOKIE", "cookie_name": "sid"}, {"type": "HTTP_COOKIE", "cookie_name": "sid"},
               {"type": "SOURCE_IP", "cookie_name": "sid"}, {"type": "APP_COOKIE", "cookie_name": ""},
               {"type": "APP_COOKIE", "cookie_name": "a b"}, {"type": "APP_COOKIE", "cookie_name": "a;b"},
               {"type": "APP_COOKIE", "cookie_name": "a=b"}, {"type": "APP_COOKIE", "cookie_name": "a(b"},
               {"type": "APP_COOKIE", "cookie_name": "a" * 255}, {"type": "APP_COOKIE", "cookie_name": "a" * 256},
               {"type": "APP_COOKIE", "cookie_name": "ü"}, {"type": "APP_COOKIE", "cookie_name": 1},
               {"type": "SOURCE_IP", "persistence_timeout": 5}, {"type": "SOURCE_IP", "persistence_timeout": "5"},
               {"type": "SOURCE_IP", "persistence_granularity": "255.255.0.0"},
               {"type": "SOURCE_IP", "persistence_granularity": "/16"}, {"type": None}, {"type": "source_ip"},
               {"type": "SOURCE_IP", "unknown": 1}, {"cookie_name": "sid"}, {"type": "SOURCE_IP", "cookie_name": None},
               {"type": 1}, {"type": "HTTP_COOKIE", "persistence_timeout": 5}]
LINE = [*ANY, "a" * 255, "a" * 256, "a b", "a\nb", "a\rb", "ü", "a\tb", "\"a b\"", "(", "a(b", "[a-z]+", "true", "a;b",
        "a,b", "a\u0000b", " a", "123"]

COMMON = {"name": text(255), "description": text(255), "admin_state_up": BOOLEAN, "tags": TAGS}
PROJECT = {"project_id": [None, 1, "", "a" * 36, "a" * 37, {}], "tenant_id": [None, 1, "", "a" * 36, "a" * 37, {}]}
READ_ONLY = {"id": [NOBODY], "provisioning_status": ["ACTIVE"], "operating_status": ["ONLINE"],
             "created_at": ["2020-01-01T00:00:00"], "updated_at": [None], "no_such_field": [None, 1]}

LISTENER = {
    **COMMON, "connection_limit": integer(-1, 2147483647), "default_pool_id": UUID, "insert_headers": HEADERS,
    "timeout_client_data": integer(0, 2073600000), "timeout_member_connect": integer(0, 2073600000),
    "timeout_member_data": integer(0, 2073600000), "timeout_tcp_inspect": integer(0, 2073600000),
    "default_tls_container_ref": REFERENCE,
    "sni_container_refs": [*ANY, [CONTAINER + "1"], [CONTAINER + "1", CONTAINER + "1"], ["a" * 256], [None], [""]],
    "client_authentication": choice("NONE", "OPTIONAL", "MANDATORY"), "client_ca_tls_container_ref": REFERENCE,
    "client_crl_container_ref": REFERENCE, "allowed_cidrs": CIDRS, "tls_ciphers": CIPHERS, "tls_versions": VERSIONS,
    "alpn_protocols": ALPN, "hsts_max_age": integer(0, 2147483647), "hsts_include_subdomains": BOOLEAN,
    "hsts_preload": BOOLEAN,
}
POOL = {
    **COMMON, "lb_algorithm": choice(*ALGORITHMS), "session_persistence": PERSISTENCE, "tls_enabled": BOOLEAN,
    "tls_container_ref": REFERENCE, "ca_tls_container_ref": REFERENCE, "crl_container_ref": REFERENCE,
    "tls_ciphers": CIPHERS, "tls_versions": VERSIONS, "alpn_protocols": ALPN,
}
MEMBER = {
    "name": text(255), "admin_state_up": BOOLEAN, "tags": TAGS, "weight": integer(0, 256), "backup": BOOLEAN,
    "monitor_address": ADDRESS, "monitor_port": integer(1, 65535),
}
MONITOR = {
    "name": text(255), "admin_state_up": BOOLEAN, "tags": TAGS, "delay": integer(0, 2147483647),
    "timeout": integer(0, 2147483647), "max_retries": integer(1, 10), "max_retries_down": integer(1, 10),
    "http_method": METHODS, "url_path": PATH, "expected_codes": CODES, "http_version": HTTP_VERSION,
    "domain_name": DOMAIN,
}
POLICY = {
    **COMMON, "action": choice(*ACTIONS), "redirect_pool_id": UUID, "redirect_url": URL, "redirect_prefix": URL,
    "redirect_http_code": [*ANY, 301, 302, 303, 307, 308, 300, 304, "301", 301.9],
    "position": integer(1, 2147483647),
}
RULE = {
    "admin_state_up": BOOLEAN, "tags": TAGS, "type": choice(*RULES), "compare_type": choice(*COMPARISONS), "key": LINE,
    "value": LINE, "invert": BOOLEAN,
}


# Parts that lanes share


class Scene:
    """A load balancer with what a lane needs below it, made by one request on both sides."""

    def __init__(self, lane, build):
        self.lane, self.build = lane, build
        self.result = None
        self.renew()

    def renew(self):
        lane = self.lane
        body = {"name": f"{lane.name}-{lane.unique()}", "vip_subnet_id": SUBNET, "vip_address": VIP,
                "project_id": lane.project, **self.build()}
        self.result = lane.send("POST /loadbalancers (scene)", "POST", BASE + "/loadbalancers", {"loadbalancer": body},
                                tree=False)
        if not self.result.both:
            raise HarnessFault(f"lane {lane.name}: the scene cannot be made: "
                               f"{[(a.status, a.text[:500]) for a in self.result.answers]}")
        lane.load_balancer = self.result.ref("loadbalancer")
        lane.is_dirty = lane.is_new = True
        self.uses = 0

    def room(self, limit):
        """Another load balancer if this one has become crowded. For what names objects of the scene, call it before."""
        if self.uses >= limit:
            self.renew()

    def find(self, collection, **attributes):
        return self.result.find(collection, **attributes)

    def listener(self, protocol):
        return self.find("listeners", protocol=protocol)

    def pool(self, name):
        return self.find("pools", name=name)


def cases_of(fields):
    return [(field, value) for field, values in fields.items() for value in values]


def listeners(*protocols):
    result = []
    for index, protocol in enumerate(protocols):
        listener = {"protocol": protocol, "protocol_port": 1000 + index, "name": f"listener-{protocol}"}
        if protocol == "TERMINATED_HTTPS":
            listener["default_tls_container_ref"] = CONTAINER + "1"
        result.append(listener)
    return result


def pools(*protocols):
    return [{"name": f"pool-{protocol}", "protocol": protocol, "lb_algorithm": "ROUND_ROBIN"} for protocol in protocols]


def try_updates(lane, scene, case, path_of, envelope, fields, chosen=None):
    """One PUT for each value of each field. `path_of` gives the object, also after the scene was renewed."""
    for field, value in lane.some(chosen if chosen is not None else cases_of(fields)):
        result = lane.send(f"PUT {case} [{field}]", "PUT", path_of(), {envelope: {field: value}})
        if result.diverged:
            scene.renew()


# Lanes


def load_balancers(lane):
    """POST and PUT of load balancers, VIPs, status tree, statistics, deletion."""
    path = BASE + "/loadbalancers"

    def create(case, fields, missing=()):
        body = {"vip_subnet_id": SUBNET, "vip_address": VIP, "project_id": lane.project, **fields}
        for name in missing:
            body.pop(name, None)
        return lane.send(f"POST /loadbalancers [{case}]", "POST", path, {"loadbalancer": body}, tree=False)

    scene = Scene(lane, lambda: {"listeners": [], "pools": []})
    ref = lambda: f"{path}/{lane.load_balancer}"
    try_updates(lane, scene, "/loadbalancers", ref, "loadbalancer", None,
                cases_of({**COMMON, "vip_qos_policy_id": [*UUID, QOS],
                          "vip_sg_ids": [*ANY, [GROUP], [GROUP, GROUP], [GROUP, NOBODY], ["x"], [None], GROUP]})
                + cases_of({**READ_ONLY, "vip_address": [VIP], "vip_subnet_id": [SUBNET], "vip_network_id": [NETWORK],
                            "vip_port_id": [PORT], "provider": ["amphora"], "flavor_id": [NOBODY], "project_id": ["a"],
                            "tenant_id": ["a"], "availability_zone": ["a"], "additional_vips": [[]], "listeners": [[]],
                            "pools": [[]], "vip_vnic_type": ["normal"]}))
    lane.send("PUT /loadbalancers [empty]", "PUT", ref(), {"loadbalancer": {}})
    lane.send("GET /loadbalancers/{id}", "GET", ref())
    for suffix in ("/status", "/statuses", "/stats", "/nothing"):
        lane.send(f"GET /loadbalancers/{{id}}{suffix}", "GET", ref() + suffix)
        lane.send(f"GET /loadbalancers/{{id}}{suffix}?x", "GET", ref() + suffix + "?x=1")
    lane.send("PUT /loadbalancers/{id}/failover of none", "PUT", f"{path}/{NOBODY}/failover")
    lane.send("PUT /loadbalancers/{id}/failover with junk", "PUT", ref() + "/failover", raw="junk")

    fields = {
        "name": text(255, FEW), "description": text(255, FEW), "admin_state_up": BOOLEAN, "tags": TAGS, **PROJECT,
        "vip_address": ADDRESS, "vip_subnet_id": UUID, "vip_network_id": UUID, "vip_port_id": UUID,
        "vip_qos_policy_id": UUID,
        "vip_sg_ids": [*FEW, [GROUP], [GROUP, GROUP], [GROUP, NOBODY], ["x"], [None], GROUP],
        "additional_vips": [*FEW, [{}], [{"subnet_id": OTHER_SUBNET}], [{"subnet_id": SUBNET}],
                            [{"subnet_id": OTHER_SUBNET}, {"subnet_id": OTHER_SUBNET}], [{"ip_address": "192.0.2.9"}],
                            [{"subnet_id": OTHER_SUBNET, "ip_address": "192.0.2.9"}],
                            [{"subnet_id": OTHER_SUBNET, "ip_address": "2001:db8::9"}],
                            [{"subnet_id": OTHER_SUBNET, "ip_address": "x"}], [{"subnet_id": "x"}], [{"subnet_id": None}],
                            [{"subnet_id": OTHER_SUBNET, "x": 1}], [None], [1],
                            [{"subnet_id": OTHER_SUBNET, "port_id": PORT}]],
        "provider": [*FEW, "amphora", "octavia", "Amphora", "ovn", "a" * 64, "a" * 65],
        "flavor_id": UUID, "availability_zone": text(255, FEW),
        "listeners": [*FEW, [None], [1], [{}]], "pools": [*FEW, [None], [1], [{}]],
        **READ_ONLY, "vip_vnic_type": ["normal"], "loadbalancers": [[]], "healthmonitors": [[]],
    }
    for field, value in lane.some(cases_of(fields)):
        create(field, {field: value})
    for name, vip in {
        "none": {}, "address only": {"vip_address": VIP}, "port": {"vip_port_id": PORT},
        "port and address": {"vip_port_id": PORT, "vip_address": VIP},
        "port and subnet": {"vip_port_id": PORT, "vip_subnet_id": SUBNET},
        "network": {"vip_network_id": NETWORK}, "network and address": {"vip_network_id": NETWORK, "vip_address": VIP},
        "network and subnet": {"vip_network_id": NETWORK, "vip_subnet_id": SUBNET},
        "all": {"vip_network_id": NETWORK, "vip_subnet_id": SUBNET, "vip_port_id": PORT, "vip_address": VIP},
        "nulls": {"vip_network_id": None, "vip_subnet_id": None, "vip_port_id": None},
        "IPv6": {"vip_subnet_id": SUBNET, "vip_address": "2001:DB8:0::7"},
    }.items():
        create(f"VIP: {name}", vip, missing=[k for k in ("vip_subnet_id", "vip_address") if k not in vip])
    for project in ({"project_id": "p1", "tenant_id": "p2"}, {"project_id": None, "tenant_id": "p2"}, {}):
        create("projects", project, missing=[] if project else ["project_id"])

    # States and deletion.
    children = Scene(lane, lambda: {"listeners": listeners("HTTP"), "pools": pools("HTTP")})
    lane.settle()
    for query in ("", "?cascade=false", "?cascade=x", "?cascade=", "?cascade=0", "?x=1"):
        lane.send(f"DELETE /loadbalancers/{{id}}{query} with children", "DELETE", ref() + query)
    if lane.send("DELETE /loadbalancers/{id}?cascade twice", "DELETE", ref() + "?cascade=true&cascade=false").diverged:
        children.renew()
    lane.send("DELETE /loadbalancers/{id}?cascade", "DELETE", ref() + "?cascade=TRUE")
    lane.settle()
    for method in ("GET", "PUT", "DELETE"):
        lane.send(f"{method} /loadbalancers/{{id}} deleted", method, ref(),
                  {"loadbalancer": {}} if method == "PUT" else None)
    lane.send("GET /loadbalancers/{id}/status deleted", "GET", ref() + "/status")
    lane.send("GET /listeners/{id} deleted", "GET", f"{BASE}/listeners/{children.listener('HTTP')}")
    for query in ("true", "t", "yes", "on", "1", "Y"):
        scene.renew()
        lane.send(f"DELETE /loadbalancers/{{id}}?cascade={query} without children", "DELETE", f"{ref()}?cascade={query}")


def full_trees(lane):
    """Fully populated load balancers."""
    rule = {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/a"}
    url = {"action": "REDIRECT_TO_URL", "redirect_url": "http://example.com/", "rules": [rule]}
    member = {"address": "192.0.2.10", "protocol_port": 80}
    monitor = {"type": "HTTP", "delay": 5, "timeout": 4, "max_retries": 2}
    pool = {"name": "p", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}
    http = {"protocol": "HTTP", "protocol_port": 80}

    def create(case, tree):
        return lane.send(f"POST /loadbalancers (tree) [{case}]", "POST", BASE + "/loadbalancers", {"loadbalancer": {
            "name": f"tree-{lane.unique()}", "vip_subnet_id": SUBNET, "vip_address": VIP, "project_id": lane.project,
            **tree}}, tree=False)

    def listener(**fields):
        return {"listeners": [{**http, **fields}]}

    def policy(**fields):
        return listener(l7policies=[{**url, **fields}])

    def inner(**fields):
        return {"pools": [{**pool, **fields}]}

    trees = {
        "nothing": {}, "null lists": {"listeners": None, "pools": None},
        "listener": listener(), "pool": inner(),
        "listener loadbalancer_id": listener(loadbalancer_id=NOBODY), "listener id": listener(id=NOBODY),
        "listener default_pool_id": listener(default_pool_id=NOBODY), "listener unknown": listener(nothing=1),
        "listener protocol": listener(protocol="X"), "listener without port": {"listeners": [{"protocol": "HTTP"}]},
        "listener without protocol": {"listeners": [{"protocol_port": 80}]},
        "listener ports clash": {"listeners": [http, http]},
        "listener ports of TCP and HTTP": {"listeners": [http, {**http, "protocol": "TCP"}]},
        "listener ports of TCP and UDP": {"listeners": [http, {**http, "protocol": "UDP"}]},
        "listener l7policies null": listener(l7policies=None), "listener l7policies": listener(l7policies=[]),
        "listener default_pool null": listener(default_pool=None), "listener default_pool {}": listener(default_pool={}),
        "listener reference dangling": listener(default_pool={"name": "nowhere"}),
        "listener reference with admin_state_up": {**listener(default_pool={"name": "p", "admin_state_up": True}),
                                                   **inner()},
        "listener reference with tls_enabled": {**listener(default_pool={"name": "p", "tls_enabled": False}), **inner()},
        "listener pool without algorithm": listener(default_pool={"name": "p", "protocol": "HTTP"}),
        "listener pool without protocol": listener(default_pool={"name": "p", "lb_algorithm": "ROUND_ROBIN"}),
        "listener pool incompatible": listener(default_pool={**pool, "protocol": "UDP"}),
        "listener PROMETHEUS with pool": listener(protocol="PROMETHEUS", default_pool=pool),
        "listener PROMETHEUS with policy": listener(protocol="PROMETHEUS", l7policies=[url]),
        "listener TCP with policy": listener(protocol="TCP", l7policies=[url]),
        "listener TERMINATED_HTTPS bare": listener(protocol="TERMINATED_HTTPS"),
        "listener TERMINATED_HTTPS": listener(protocol="TERMINATED_HTTPS", default_tls_container_ref=CONTAINER + "1"),
        "listener headers": listener(insert_headers={"X-Forwarded-For": "true"}),
        "listener headers wrong": listener(insert_headers={"X-No": "true"}),
        "listener cidrs": listener(allowed_cidrs=["10.0.0.0/8"]),
        "listener cidrs of IPv6": listener(allowed_cidrs=["2001:db8::/32"]),
        "listener tags twice": listener(tags=["a", "a"]),
        "shared pool": {"listeners": [{**http, "default_pool": {"name": "p"}},
                                      {**http, "protocol_port": 81, "default_pool": {"name": "p"}}], **inner()},
        "pool defined twice": {"listeners": [{**http, "default_pool": pool}], **inner()},
        "pool without name": {"pools": [{k: v for k, v in pool.items() if k != "name"}]},
        "pools without name": {"pools": [{k: v for k, v in pool.items() if k != "name"}] * 2},
        "listener pool without name": listener(default_pool={k: v for k, v in pool.items() if k != "name"}),
        "pools of one name": {"pools": [pool, pool]}, "pool name only": {"pools": [{"name": "p"}]},
        "pool null name": inner(name=None), "pool empty name": inner(name=""),
        "pool without algorithm": {"pools": [{"name": "p", "protocol": "HTTP"}]},
        "pool loadbalancer_id": inner(loadbalancer_id=NOBODY), "pool unknown": inner(x=1),
        "pool SOURCE_IP_PORT": inner(lb_algorithm="SOURCE_IP_PORT"),
        "pool persistence": inner(session_persistence={"type": "SOURCE_IP"}),
        "pool APP_COOKIE without name": inner(session_persistence={"type": "APP_COOKIE"}),
        "pool HTTP_COOKIE with name": inner(session_persistence={"type": "HTTP_COOKIE", "cookie_name": "a"}),
        "pool TLS": inner(tls_enabled=True),
        "pool TLS with values": inner(tls_enabled=True, tls_ciphers=None, tls_versions=None, alpn_protocols=None),
        "pool members null": inner(members=None), "pool members []": inner(members=[]),
        "pool members wrong": inner(members=[1]), "pool members twice": inner(members=[member, member]),
        "member without address": inner(members=[{"protocol_port": 80}]),
        "member unknown": inner(members=[{**member, "x": 1}]),
        "member reserved": inner(members=[{**member, "address": "169.254.169.254"}]),
        "member subnet": inner(members=[{**member, "subnet_id": NOBODY}]),
        "member weight": inner(members=[{**member, "weight": 257}]),
        "member backup null": inner(members=[{**member, "backup": None}]),
        "member IPv6": inner(members=[{**member, "address": "2001:db8::1"}]),
        "member IPv6 of UDP": {"listeners": [{**http, "protocol": "UDP", "default_pool": {
            **pool, "protocol": "UDP", "members": [{**member, "address": "2001:db8::1"}]}}]},
        "monitor": inner(healthmonitor=monitor), "monitor null": inner(healthmonitor=None),
        "monitor {}": inner(healthmonitor={}), "monitor pool_id": inner(healthmonitor={**monitor, "pool_id": NOBODY}),
        "monitor UDP-CONNECT on HTTP": inner(healthmonitor={**monitor, "type": "UDP-CONNECT"}),
        "monitor PING on UDP": inner(protocol="UDP", healthmonitor={**monitor, "type": "PING"}),
        "monitor TCP with path": inner(healthmonitor={**monitor, "type": "TCP", "url_path": "/"}),
        "monitor domain without version": inner(healthmonitor={**monitor, "domain_name": "example.com"}),
        "monitor of members": inner(healthmonitor=monitor, members=[member]),
        "policy": policy(), "policy without rules": listener(l7policies=[{"action": "REJECT"}]),
        "policy rules null": policy(rules=None), "policy listener_id": policy(listener_id=NOBODY),
        "policy redirect_pool_id": policy(redirect_pool_id=NOBODY), "policy unknown": policy(x=1),
        "policy without url": listener(l7policies=[{"action": "REDIRECT_TO_URL"}]),
        "policy prefix": listener(l7policies=[{"action": "REDIRECT_PREFIX", "redirect_prefix": "http://example.com/"}]),
        "policy pool": listener(l7policies=[{"action": "REDIRECT_TO_POOL", "redirect_pool": pool}]),
        "policy pool missing": listener(l7policies=[{"action": "REDIRECT_TO_POOL"}]),
        "policy pool dangling": listener(l7policies=[{"action": "REDIRECT_TO_POOL", "redirect_pool": {"name": "no"}}]),
        "policy pool incompatible": listener(
            l7policies=[{"action": "REDIRECT_TO_POOL", "redirect_pool": {**pool, "protocol": "TCP"}}]),
        "policy url and pool": policy(redirect_pool=pool),
        "policies in one position": listener(l7policies=[{**url, "name": "1", "position": 1},
                                                         {**url, "name": "2", "position": 1},
                                                         {**url, "name": "3", "position": 9}]),
        "rule unknown": policy(rules=[{**rule, "x": 1}]), "rule of no value": policy(rules=[{**rule, "value": None}]),
        "rule HEADER without key": policy(rules=[{**rule, "type": "HEADER"}]),
        "rule REGEX": policy(rules=[{**rule, "compare_type": "REGEX", "value": "("}]),
        "rules": policy(rules=[rule] * 3), "rules, 51": policy(rules=[rule] * 51),
        "listener null": {"listeners": [None]}, "pool null": {"pools": [None]},
        "listener object": {"listeners": http}, "pool object": {"pools": pool},
    }
    for case, tree in trees.items():
        create(case, tree)


def attended_lane(lane):
    """One of each change with Octavia's own worker, and what it leaves behind."""
    rule = {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/a"}
    url = {"action": "REDIRECT_TO_URL", "redirect_url": "http://example.com/", "rules": [rule]}
    member = {"address": "192.0.2.10", "protocol_port": 80}
    monitor = {"type": "HTTP", "delay": 5, "timeout": 4, "max_retries": 2}
    pool = {"name": "p", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}
    http = {"protocol": "HTTP", "protocol_port": 80}
    scene = Scene(lane, lambda: {
        "listeners": [
            {**http, "name": "l1", "default_pool": {**pool, "members": [member, {**member, "protocol_port": 81}],
                                                    "healthmonitor": monitor}, "tags": ["a"],
             "l7policies": [{**url, "name": "y1", "position": 2}, {"action": "REJECT", "name": "y2", "position": 1},
                            {"action": "REDIRECT_TO_POOL", "redirect_pool": {"name": "q"}, "name": "y3",
                             "rules": [rule, {**rule, "value": "/b"}]}]},
            {"protocol": "TCP", "protocol_port": 81, "name": "l2", "default_pool": {"name": "t"}}],
        "pools": [{**pool, "name": "q"}, {**pool, "name": "t", "protocol": "TCP"}, {**pool, "name": "unused"}]})
    at = lambda collection, name: f"{BASE}/{collection}/{scene.find(collection, name=name)}"
    lb = f"{BASE}/loadbalancers/{lane.load_balancer}"

    def look(when):
        """Everything that is there."""
        lane.send(f"GET /loadbalancers/{{id}} {when}", "GET", lb)
        lane.send(f"GET /loadbalancers/{{id}}/status {when}", "GET", lb + "/status")
        for collection in ("listeners", "pools", "healthmonitors", "l7policies"):
            lane.send(f"GET /{collection} {when}", "GET", f"{BASE}/{collection}?project_id={lane.project}", order=[])

    def act(case, method, path, body=None):
        result = lane.send(case, method, path, body)
        look(f"after {case}")
        return result

    look("of a tree")
    members = at("pools", "p") + "/members"
    lane.send("GET /pools/{id}/members of a tree", "GET", members, order=[])
    lane.send("GET rules of a tree", "GET", at("l7policies", "y3") + "/rules", order=[])
    lane.send("DELETE /pools/{id} used by a policy", "DELETE", at("pools", "q"))
    act("PUT /loadbalancers", "PUT", lb, {"loadbalancer": {"name": "new", "admin_state_up": False}})
    act("PUT /loadbalancers", "PUT", lb, {"loadbalancer": {"admin_state_up": True}})
    act("PUT /listeners", "PUT", at("listeners", "l1"), {"listener": {"admin_state_up": False, "timeout_client_data": 1}})
    made = act("POST /listeners", "POST", f"{BASE}/listeners", {"listener": {
        "loadbalancer_id": lane.load_balancer, "protocol": "HTTPS", "protocol_port": 443}})
    act("PUT /pools", "PUT", at("pools", "unused"), {"pool": {"lb_algorithm": "SOURCE_IP", "description": "d"}})
    act("POST /pools", "POST", f"{BASE}/pools", {"pool": {
        "listener_id": made.ref("listener"), "protocol": "HTTPS", "lb_algorithm": "ROUND_ROBIN", "name": "n",
        "session_persistence": {"type": "SOURCE_IP"}}})
    done = act("POST members", "POST", members, {"member": {"address": "192.0.2.77", "protocol_port": 8, "name": "x"}})
    lane.send("GET member, new", "GET", f"{members}/{done.ref('member')}")
    act("PUT members", "PUT", f"{members}/{done.ref('member')}", {"member": {"weight": 0, "admin_state_up": False}})
    lane.send("GET member, changed", "GET", f"{members}/{done.ref('member')}")
    act("PUT members, batch", "PUT", members, {"members": [
        {**member, "weight": 3}, {"address": "192.0.2.78", "protocol_port": 9}]})
    lane.send("GET members after a batch", "GET", members, order=[])
    act("DELETE /healthmonitors", "DELETE", f"{BASE}/healthmonitors/{scene.find('healthmonitor', type='HTTP')}")
    lane.send("GET members without monitor", "GET", members, order=[])
    watch = act("POST /healthmonitors", "POST", f"{BASE}/healthmonitors", {"healthmonitor": {
        **monitor, "pool_id": scene.find("pools", name="p")}}).ref("healthmonitor")
    lane.send("GET members with a monitor", "GET", members, order=[])
    act("PUT /healthmonitors", "PUT", f"{BASE}/healthmonitors/{watch}", {"healthmonitor": {"admin_state_up": False}})
    act("PUT /l7policies", "PUT", at("l7policies", "y1"), {"l7policy": {"position": 3, "admin_state_up": False}})
    fresh = act("POST /l7policies", "POST", f"{BASE}/l7policies", {"l7policy": {
        "listener_id": scene.find("listeners", name="l1"), "action": "REJECT", "position": 1}}).ref("l7policy")
    new = act("POST rules", "POST", f"{BASE}/l7policies/{fresh}/rules", {"rule": rule}).ref("rule")
    act("PUT rules", "PUT", f"{BASE}/l7policies/{fresh}/rules/{new}", {"rule": {"admin_state_up": False}})
    lane.send("GET rules, disabled", "GET", f"{BASE}/l7policies/{fresh}/rules", order=[])
    act("DELETE rules", "DELETE", f"{BASE}/l7policies/{fresh}/rules/{new}")
    act("DELETE /l7policies", "DELETE", at("l7policies", "y2"))
    act("DELETE /pools", "DELETE", at("pools", "p"))
    act("DELETE /listeners", "DELETE", at("listeners", "l1"))
    lane.send("DELETE /loadbalancers with children", "DELETE", lb)
    lane.send("DELETE /loadbalancers?cascade", "DELETE", lb + "?cascade=true")
    lane.settle()
    look("after deletion")


def listener_lane(lane):
    """POST and PUT of listeners, and the matrices of protocols."""
    path = BASE + "/listeners"
    scene = Scene(lane, lambda: {"listeners": listeners("HTTP", "TCP", "TERMINATED_HTTPS"), "pools": pools(*POOLS)})

    def create(case, fields, missing=()):
        scene.room(25)
        body = {"loadbalancer_id": lane.load_balancer, "protocol": "HTTP", "protocol_port": 2000 + lane.unique(), **fields}
        for name in missing:
            body.pop(name, None)
        result = lane.send(f"POST /listeners [{case}]", "POST", path, {"listener": body})
        if result.diverged:
            scene.renew()
        elif result.both:
            scene.uses += 1
        return result

    # Protocol against pool, headers, certificates.
    for protocol in LISTENERS:
        extra = {"default_tls_container_ref": CONTAINER + "1"} if protocol == "TERMINATED_HTTPS" else {}
        for pool in POOLS:
            scene.room(15)
            create(f"{protocol} with pool {pool}",
                   {"protocol": protocol, "default_pool_id": scene.pool(f"pool-{pool}"), **extra})
        tls = {"protocol": protocol, **extra}
        options = {
            "insert_headers": {"X-Forwarded-For": "true"}, "insert_headers of TLS": {"X-SSL-Client-CN": "true"},
            "default_tls_container_ref": CONTAINER + "1", "sni_container_refs": [CONTAINER + "2"],
            "client_ca_tls_container_ref": CONTAINER + "3", "client_crl_container_ref": CONTAINER + "4",
            "client_authentication": "MANDATORY", "tls_ciphers": "AES", "tls_versions": ["TLSv1.2"],
            "alpn_protocols": ["h2"], "hsts_max_age": 10, "hsts_preload": True, "hsts_include_subdomains": True,
            "allowed_cidrs": ["10.0.0.0/8"], "timeout_tcp_inspect": 1,
        }
        for option, value in lane.some(options.items()):
            create(f"{protocol} with {option}", {**tls, option.split()[0]: value})
        create(f"{protocol} with CA and certificate",
               {**tls, "default_tls_container_ref": CONTAINER + "1", "client_ca_tls_container_ref": CONTAINER + "3"})
        create(f"{protocol} with SNI only", {"protocol": protocol, "sni_container_refs": [CONTAINER + "2"]})
        create(f"{protocol} without certificate", {"protocol": protocol})
    for first in LISTENERS:
        scene.room(10)
        extra = {"default_tls_container_ref": CONTAINER + "1"}
        port = 3000 + lane.unique()
        create(f"{first} first on a port", {"protocol": first, "protocol_port": port,
                                            **(extra if first == "TERMINATED_HTTPS" else {})})
        for second in lane.some(LISTENERS):
            if scene.uses == 0:
                break
            create(f"{second} on the port of {first}", {
                "protocol": second, "protocol_port": port, **(extra if second == "TERMINATED_HTTPS" else {})})
            port += 1 if second not in ("TCP", "HTTP", "HTTPS", "TERMINATED_HTTPS", "PROMETHEUS") else 0

    # Every field.
    fields = {**LISTENER, **PROJECT, **READ_ONLY, "loadbalancer_id": UUID, "protocol": choice(*LISTENERS),
              "protocol_port": integer(1, 65535), "default_pool": [None, {}, {"name": "p"}],
              "l7policies": [None, [], [{}], 1], "loadbalancers": [[]], "statistics": [1]}
    for field, value in lane.some(cases_of(fields)):
        if field == "protocol_port" and value in (1, 65535, True, "1", " 65535 ", "+65535", 1.5, 1e3, "80", 7.9):
            scene.renew()
        create(field, {field: value})
    for field in ("loadbalancer_id", "protocol", "protocol_port"):
        create(f"without {field}", {}, missing=[field])
    create("of no load balancer", {"loadbalancer_id": NOBODY})
    terminated = {"protocol": "TERMINATED_HTTPS", "default_tls_container_ref": CONTAINER + "1"}
    for field, value in lane.some(cases_of({name: LISTENER[name] for name in (
            "tls_ciphers", "tls_versions", "alpn_protocols", "hsts_max_age", "hsts_preload", "client_authentication",
            "insert_headers")})):
        create(f"TERMINATED_HTTPS {field}", {**terminated, field: value})
    for case, extra in {
        "HSTS whole": {"hsts_max_age": 1, "hsts_preload": True, "hsts_include_subdomains": True},
        "HSTS without age": {"hsts_preload": True}, "HSTS age 0": {"hsts_max_age": 0, "hsts_preload": True},
        "CA": {"client_ca_tls_container_ref": CONTAINER + "3"},
        "CA and MANDATORY": {"client_ca_tls_container_ref": CONTAINER + "3", "client_authentication": "MANDATORY"},
        "CA and CRL": {"client_ca_tls_container_ref": CONTAINER + "3", "client_crl_container_ref": CONTAINER + "4"},
        "CRL": {"client_crl_container_ref": CONTAINER + "4"}, "OPTIONAL": {"client_authentication": "OPTIONAL"},
        "SSL header": {"insert_headers": {"X-SSL-Client-CN": "true", "X-Forwarded-For": "true"}},
        "empty reference": {"default_tls_container_ref": ""},
    }.items():
        create(f"TERMINATED_HTTPS with {case}", {**terminated, **extra})

    # Updates.
    more = {**READ_ONLY, "protocol": ["HTTP"], "protocol_port": [80], "loadbalancer_id": [NOBODY], "project_id": ["a"],
            "tenant_id": ["a"], "default_pool": [None], "l7policies": [[]]}
    scene.renew()
    for protocol, names in (("HTTP", None), ("TERMINATED_HTTPS", (
            "tls_ciphers", "tls_versions", "alpn_protocols", "hsts_max_age", "hsts_preload", "client_authentication",
            "insert_headers", "default_tls_container_ref", "sni_container_refs", "client_ca_tls_container_ref")),
            ("TCP", ("tls_ciphers", "tls_versions", "alpn_protocols", "hsts_max_age", "insert_headers",
                     "client_authentication", "default_tls_container_ref"))):
        chosen = cases_of(LISTENER if names is None else {name: LISTENER[name] for name in names})
        try_updates(lane, scene, f"/listeners {protocol}", lambda: f"{path}/{scene.listener(protocol)}", "listener", None,
                    chosen + (cases_of(more) if names is None else []))
        for pool in POOLS:
            if lane.send(f"PUT /listeners {protocol} with pool {pool}", "PUT", f"{path}/{scene.listener(protocol)}",
                         {"listener": {"default_pool_id": scene.pool(f"pool-{pool}")}}).diverged:
                scene.renew()
        lane.send(f"GET /listeners/{{id}} {protocol}", "GET", f"{path}/{scene.listener(protocol)}")
    for case, change in {
        "HSTS age": {"hsts_max_age": 10}, "HSTS preload": {"hsts_preload": True}, "HSTS age cleared": {"hsts_max_age": None},
        "HSTS preload without age": {"hsts_preload": True, "hsts_include_subdomains": True},
        "CA": {"client_ca_tls_container_ref": CONTAINER + "3"}, "MANDATORY": {"client_authentication": "MANDATORY"},
        "authentication null": {"client_authentication": None}, "CA cleared": {"client_ca_tls_container_ref": None},
        "certificate cleared": {"default_tls_container_ref": None}, "SNI": {"sni_container_refs": [CONTAINER + "2"]},
        "TLS defaults": {"tls_ciphers": None, "tls_versions": None, "alpn_protocols": None}, "empty": {},
    }.items():
        if lane.send(f"PUT /listeners TERMINATED_HTTPS {case}", "PUT", f"{path}/{scene.listener('TERMINATED_HTTPS')}",
                     {"listener": change}).diverged:
            scene.renew()
    lane.send("GET /listeners/{id}/stats", "GET", f"{path}/{scene.listener('HTTP')}/stats")
    lane.send("GET /listeners/{id}/stats of none", "GET", f"{path}/{NOBODY}/stats")
    lane.send("DELETE /listeners/{id}", "DELETE", f"{path}/{scene.listener('TCP')}")
    lane.settle()
    for method in ("GET", "PUT", "DELETE"):
        lane.send(f"{method} /listeners/{{id}} deleted", method, f"{path}/{scene.listener('TCP')}",
                  {"listener": {}} if method == "PUT" else None)


def pool_lane(lane):
    """POST and PUT of pools and members, batches."""
    path = BASE + "/pools"

    def tree():
        # Members of UDP pools have to match the address of the load balancer.
        return {"listeners": listeners(*LISTENERS), "pools": [
            *pools(*POOLS), {**pools("HTTP")[0], "name": "members", "members": [
                {"name": "m1", "address": "192.0.2.1", "protocol_port": 80, "tags": ["t"], "weight": 5, "backup": True,
                 "monitor_port": 8080, "subnet_id": SUBNET},
                {"name": "m2", "address": "192.0.2.2", "protocol_port": 80}]}]}

    scene = Scene(lane, tree)

    def create(case, fields, missing=()):
        scene.room(25)
        body = {"loadbalancer_id": lane.load_balancer, "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", **fields}
        for name in missing:
            body.pop(name, None)
        result = lane.send(f"POST /pools [{case}]", "POST", path, {"pool": body})
        if result.diverged:
            scene.renew()
        elif result.both:
            scene.uses += 1
        return result

    for listener in LISTENERS:
        for protocol in lane.some(POOLS):
            scene.room(15)
            if create(f"listener {listener}, {protocol}", {"listener_id": scene.listener(listener), "protocol": protocol},
                      missing=["loadbalancer_id"]).both:
                create(f"listener {listener} with a pool", {"listener_id": scene.listener(listener),
                                                            "protocol": protocol}, missing=["loadbalancer_id"])
                lane.send(f"GET /listeners/{{id}} {listener} with a new pool", "GET",
                          f"{BASE}/listeners/{scene.listener(listener)}")
                break
    scene.renew()
    create("load balancer and listener", {"listener_id": scene.listener("HTTP")})
    create("load balancer and listener, incompatible", {"listener_id": scene.listener("TCP"), "protocol": "UDP"})
    create("unknown listener", {"listener_id": NOBODY}, missing=["loadbalancer_id"])
    create("unknown load balancer", {"loadbalancer_id": NOBODY})
    for protocol in POOLS:
        for algorithm in lane.some(ALGORITHMS):
            create(f"{protocol} {algorithm}", {"protocol": protocol, "lb_algorithm": algorithm})
        for persistence in ({"type": "SOURCE_IP"}, {"type": "HTTP_COOKIE"}, {"type": "APP_COOKIE", "cookie_name": "sid"},
                            {"type": "SOURCE_IP", "cookie_name": "sid"}, {"type": "APP_COOKIE"},
                            {"type": "SOURCE_IP", "persistence_timeout": 30},
                            {"type": "SOURCE_IP", "persistence_granularity": "255.255.0.0"},
                            {"type": "HTTP_COOKIE", "persistence_granularity": "255.255.0.0"}):
            create(f"{protocol} persistence {' '.join(sorted(persistence))} {persistence['type']}",
                   {"protocol": protocol, "session_persistence": persistence})
    fields = {**POOL, **PROJECT, **READ_ONLY, "protocol": choice(*POOLS), "loadbalancer_id": UUID, "listener_id": UUID,
              "members": [None, [], [{}], 1], "healthmonitor": [None, {}, 1], "healthmonitor_id": [NOBODY],
              "listeners": [[]]}
    for field, value in lane.some(cases_of(fields)):
        create(field, {field: value})
    for field in ("loadbalancer_id", "protocol", "lb_algorithm"):
        create(f"without {field}", {}, missing=[field])
    for field, value in lane.some(cases_of({name: POOL[name] for name in (
            "tls_ciphers", "tls_versions", "alpn_protocols", "tls_container_ref", "crl_container_ref")})):
        create(f"TLS {field}", {"tls_enabled": True, field: value})
    create("TLS with CA and CRL", {"tls_enabled": True, "ca_tls_container_ref": CONTAINER + "3",
                                   "crl_container_ref": CONTAINER + "4"})

    scene.renew()
    more = {**READ_ONLY, "protocol": ["HTTP"], "loadbalancer_id": [NOBODY], "listener_id": [NOBODY], "project_id": ["a"],
            "members": [[]], "healthmonitor": [None], "tenant_id": ["a"]}
    http = lambda: f"{path}/{scene.pool('pool-HTTP')}"
    try_updates(lane, scene, "/pools HTTP", http, "pool", {**POOL, **more})
    lane.send("PUT /pools HTTP [empty]", "PUT", http(), {"pool": {}})
    lane.send("GET /pools/{id}", "GET", http())
    persistence = [("session_persistence", value) for value in (
        {}, {"type": "SOURCE_IP"}, {}, {"persistence_timeout": 5}, {"cookie_name": "x"}, {"type": "APP_COOKIE"},
        {"type": "APP_COOKIE", "cookie_name": "x"}, {}, {"cookie_name": "y"}, {"type": "HTTP_COOKIE"}, None, {},
        {"type": "SOURCE_IP", "persistence_timeout": 5, "persistence_granularity": "255.0.0.0"}, {},
        {"type": "HTTP_COOKIE"})]
    for protocol in ("UDP", "TCP"):
        try_updates(lane, scene, f"/pools {protocol}", lambda: f"{path}/{scene.pool('pool-' + protocol)}", "pool", None,
                    persistence)

    # Members.
    members = lambda: f"{path}/{scene.pool('members')}/members"
    first = lambda: f"{members()}/{scene.find('members', name='m1')}"

    def create_member(case, fields, missing=()):
        scene.room(25)
        number = lane.unique()
        body = {"address": f"10.1.{number // 250}.{number % 250 + 1}", "protocol_port": 80, **fields}
        for name in missing:
            body.pop(name)
        result = lane.send(f"POST /pools/{{id}}/members [{case}]", "POST", members(), {"member": body})
        if result.diverged:
            scene.renew()
        elif result.both:
            scene.uses += 1
        return result

    scene.renew()
    fields = {**MEMBER, **PROJECT, **READ_ONLY, "address": ADDRESS, "protocol_port": integer(1, 65535),
              "subnet_id": [*UUID, SUBNET], "request_sriov": BOOLEAN, "vnic_type": ["normal"], "description": ["x"]}
    for field, value in lane.some(cases_of(fields)):
        create_member(field, {field: value})
    for field in ("address", "protocol_port"):
        create_member(f"without {field}", {}, missing=[field])
    create_member("duplicate", {"address": "192.0.2.1", "protocol_port": 80})
    create_member("same address", {"address": "192.0.2.1", "protocol_port": 81})
    create_member("reserved", {"address": "169.254.169.254"})
    for method, body in (("GET", None), ("POST", {"member": {"address": "192.0.2.9", "protocol_port": 1}}),
                         ("PUT", {"members": []})):
        lane.send(f"{method} /pools/{{id}}/members of none", method, f"{path}/{NOBODY}/members", body)
    scene.renew()
    more = {**READ_ONLY, "address": ["192.0.2.7"], "protocol_port": [80], "subnet_id": [None], "project_id": ["a"],
            "request_sriov": [False], "description": ["x"]}
    try_updates(lane, scene, "/pools/{id}/members", first, "member", {**MEMBER, **more})
    lane.send("PUT /pools/{id}/members [empty]", "PUT", first(), {"member": {}})
    lane.send("GET /pools/{id}/members/{id}", "GET", first())
    lane.send("GET /pools/{id}/members", "GET", members(), order=[])
    for method, body in (("GET", None), ("PUT", {"member": {}}), ("DELETE", None)):
        lane.send(f"{method} /pools/{{id}}/members/{{id}} of another pool", method,
                  f"{path}/{scene.pool('pool-TCP')}/members/{scene.find('members', name='m1')}", body)
        lane.send(f"{method} /pools/{{id}}/members/{{id}} of none", method, f"{members()}/{NOBODY}", body)

    # Batches. Existing: m1, m2.
    one, two = {"address": "192.0.2.1", "protocol_port": 80}, {"address": "192.0.2.2", "protocol_port": 80}
    new = {"address": "192.0.2.3", "protocol_port": 80}
    batches = {
        "same": [one, two], "changed": [{**one, "weight": 9}, two], "new": [one, two, new], "fewer": [one], "none": [],
        "twice": [one, {**one, "weight": 3}], "new twice": [new, new], "unknown field": [{**one, "x": 1}],
        "no address": [{"protocol_port": 80}], "null": None, "object": {}, "of nothing": [None], "of numbers": [1],
        "text": "x", "null weight": [{**one, "weight": None}, two], "null backup": [{**one, "backup": None}, two],
        "null name": [{**one, "name": None}, two], "tags": [{**one, "tags": ["z"]}, two],
        "subnet of existing": [{**one, "subnet_id": NOBODY}, two], "subnet of new": [one, two, {**new, "subnet_id": NOBODY}],
        "reserved": [one, two, {**new, "address": "169.254.169.254"}], "disabled": [{**one, "admin_state_up": False}, two],
        "null admin_state_up": [{**one, "admin_state_up": None}, two],
        "IPv6 spellings": [one, {"address": "2001:db8::1", "protocol_port": 80},
                           {"address": "2001:DB8:0::1", "protocol_port": 80}],
        "port text": [{**one, "protocol_port": "80"}], "address 01": [{**one, "address": "192.0.2.01"}],
        "id": [{**one, "id": NOBODY}], "project_id": [{**one, "project_id": "x"}, two],
        "monitor": [{**one, "monitor_address": "192.0.2.99", "monitor_port": 99}, two], "weight 257": [{**one, "weight": 257}],
        "sriov": [{**one, "request_sriov": True}, two], "new sriov": [one, {**new, "request_sriov": True}],
    }
    for additive in ("", "?additive_only=true", "?additive_only=x"):
        for case, batch in lane.some(batches.items()):
            scene.uses += 1
            scene.room(12)
            result = lane.send(f"PUT /pools/{{id}}/members{additive} [{case}]", "PUT", members() + additive,
                               {"members": batch})
            if result.diverged:
                scene.renew()
            elif result.both:
                lane.send(f"GET /pools/{{id}}/members after {additive} [{case}]", "GET", members(), order=[])
    lane.send("PUT /pools/{id}/members?x", "PUT", members() + "?x=1", {"members": []})
    lane.send("PUT /pools/{id}/members bare list", "PUT", members(), [])
    scene.renew()
    lane.send("DELETE /pools/{id}/members/{id}", "DELETE", first())
    lane.settle()
    lane.send("GET /pools/{id}/members/{id} deleted", "GET", first())
    lane.send("DELETE /pools/{id}/members/{id} again", "DELETE", first())
    lane.send("DELETE /pools/{id}", "DELETE", http())
    lane.settle()
    for method in ("GET", "PUT", "DELETE"):
        lane.send(f"{method} /pools/{{id}} deleted", method, http(), {"pool": {}} if method == "PUT" else None)


def monitor_lane(lane):
    """Health monitors."""
    path = BASE + "/healthmonitors"
    spare = 12

    def tree():
        return {"pools": pools(*POOLS) + [{**pools("HTTP")[0], "name": f"spare-{i}"} for i in range(spare)]
                + [{**pools("HTTP")[0], "name": "monitored", "healthmonitor": {
                    "type": "HTTP", "delay": 5, "timeout": 4, "max_retries": 3, "name": "hm-HTTP"}},
                   {**pools("TCP")[0], "name": "monitored-tcp", "healthmonitor": {
                       "type": "TCP", "delay": 5, "timeout": 4, "max_retries": 3, "name": "hm-TCP"}},
                   {**pools("UDP")[0], "name": "monitored-udp", "healthmonitor": {
                       "type": "UDP-CONNECT", "delay": 5, "timeout": 4, "max_retries": 3, "name": "hm-UDP-CONNECT"}}]}

    scene = Scene(lane, tree)

    def create(case, fields, missing=(), pool=None):
        if scene.uses >= spare:
            scene.renew()
        body = {"pool_id": scene.pool(pool or f"spare-{scene.uses}"), "type": "HTTP", "delay": 5, "timeout": 4,
                "max_retries": 3, **fields}
        for name in missing:
            body.pop(name)
        result = lane.send(f"POST /healthmonitors [{case}]", "POST", path, {"healthmonitor": body})
        if result.diverged:
            scene.renew()
        elif result.both:
            scene.uses += 1
            if pool:
                lane.send("DELETE /healthmonitors/{id}", "DELETE", f"{path}/{result.ref('healthmonitor')}")
        return result

    for protocol in POOLS:
        for kind in MONITORS:
            create(f"{kind} on {protocol}", {"type": kind}, pool=f"pool-{protocol}")
    for kind in MONITORS:
        pool = "pool-UDP" if kind in ("UDP-CONNECT", "SCTP") else "pool-HTTP"
        for option, value in lane.some({
                "url_path": "/", "url_path null": None, "expected_codes": "200", "http_method": "GET", "http_version": 1.1,
                "domain_name": "example.com", "http_version 1.0": 1.0, "delay": 2, "delay 3": 3}.items()):
            create(f"{kind} with {option}", {"type": kind, option.split()[0]: value}, pool=pool)
        create(f"{kind} with domain and 1.1", {"type": kind, "http_version": 1.1, "domain_name": "example.com"}, pool=pool)
        create(f"{kind} with domain and 1.0", {"type": kind, "http_version": 1.0, "domain_name": "example.com"}, pool=pool)
    scene.renew()
    fields = {**MONITOR, **PROJECT, **READ_ONLY, "pool_id": UUID, "type": choice(*MONITORS), "description": ["x"],
              "pools": [[]]}
    for field, value in lane.some(cases_of(fields)):
        create(field, {field: value})
    for field, value in lane.some([("domain_name", value) for value in DOMAIN]):
        create(f"{field} with 1.1", {field: value, "http_version": 1.1})
    for field in ("pool_id", "type", "delay", "timeout", "max_retries"):
        create(f"without {field}", {}, missing=[field])
    create("second", {"pool_id": scene.pool("monitored")})
    create("of no pool", {"pool_id": NOBODY})
    scene.renew()
    monitor = lambda name="hm-HTTP": f"{path}/{scene.find('healthmonitor', name=name)}"
    more = {**READ_ONLY, "pool_id": [NOBODY], "type": ["HTTP"], "project_id": ["a"], "description": ["x"]}
    try_updates(lane, scene, "/healthmonitors HTTP", monitor, "healthmonitor", {**MONITOR, **more})
    for kind in ("TCP", "UDP-CONNECT"):
        chosen = cases_of({"url_path": [None, "/"], "http_method": [None, "GET"], "expected_codes": [None, "200"],
                           "http_version": [None, 1.1], "domain_name": [None, "example.com"], "delay": [2, 3, 0],
                           "max_retries_down": [None, 4]})
        try_updates(lane, scene, f"/healthmonitors {kind}", lambda: monitor(f"hm-{kind}"), "healthmonitor", None, chosen)
    lane.send("PUT /healthmonitors [empty]", "PUT", monitor(), {"healthmonitor": {}})
    for change in ({"http_version": 1.1, "domain_name": "a.example"}, {"http_version": 1.0}, {"http_version": None},
                   {"domain_name": None}, {"http_version": 1.0, "domain_name": "a.example"}, {"delay": 1, "timeout": 10}):
        if lane.send(f"PUT /healthmonitors HTTP {change}", "PUT", monitor(), {"healthmonitor": change}).diverged:
            scene.renew()
    lane.send("GET /healthmonitors/{id}", "GET", monitor())
    lane.send("GET /pools/{id} monitored", "GET", f"{BASE}/pools/{scene.pool('monitored')}")
    lane.send("POST /pools/{id}/members of a monitored pool", "POST", f"{BASE}/pools/{scene.pool('monitored')}/members",
              {"member": {"address": "192.0.2.1", "protocol_port": 80}})
    lane.send("GET /loadbalancers/{id}/status with monitors", "GET", f"{BASE}/loadbalancers/{lane.load_balancer}/status")
    lane.send("DELETE /healthmonitors/{id}", "DELETE", monitor())
    lane.settle()
    for method in ("GET", "PUT", "DELETE"):
        lane.send(f"{method} /healthmonitors/{{id}} deleted", method, monitor(),
                  {"healthmonitor": {}} if method == "PUT" else None)
    lane.send("GET /pools/{id} no longer monitored", "GET", f"{BASE}/pools/{scene.pool('monitored')}")
    lane.send("GET /pools/{id}/members no longer monitored", "GET", f"{BASE}/pools/{scene.pool('monitored')}/members",
              order=[])


def l7_lane(lane):
    """L7 policies and rules."""
    path = BASE + "/l7policies"
    url = {"action": "REDIRECT_TO_URL", "redirect_url": "http://example.com/"}

    def tree():
        trees = listeners(*LISTENERS)
        trees[1]["l7policies"] = [
            {**url, "name": "y1", "rules": [{"type": "PATH", "compare_type": "STARTS_WITH", "value": "/r1"},
                                            {"type": "HEADER", "key": "X-A", "compare_type": "EQUAL_TO", "value": "r2"}]},
            {"action": "REJECT", "name": "y2"},
            {"action": "REDIRECT_PREFIX", "redirect_prefix": "http://example.com/", "name": "y3"}]
        return {"listeners": trees, "pools": pools(*POOLS)}

    scene = Scene(lane, tree)

    def create(case, fields, missing=()):
        scene.room(20)
        body = {"listener_id": scene.listener("HTTP"), **url, **fields}
        for name in missing:
            body.pop(name)
        result = lane.send(f"POST /l7policies [{case}]", "POST", path, {"l7policy": body})
        if result.diverged:
            scene.renew()
        elif result.both:
            scene.uses += 1
        return result

    for listener in LISTENERS:
        scene.room(10)
        create(f"on {listener}", {"listener_id": scene.listener(listener)})
    for listener in ("HTTP", "TERMINATED_HTTPS"):
        for pool in POOLS:
            scene.room(10)
            create(f"{listener} to pool {pool}", {
                "listener_id": scene.listener(listener), "action": "REDIRECT_TO_POOL",
                "redirect_pool_id": scene.pool(f"pool-{pool}")}, missing=["redirect_url"])
    targets = {
        "nothing": {}, "url": {"redirect_url": "http://a.example/"}, "prefix": {"redirect_prefix": "http://a.example/"},
        "pool": {"redirect_pool_id": "POOL"}, "url and prefix": {"redirect_url": "http://a.example/",
                                                                 "redirect_prefix": "http://a.example/"},
        "url and pool": {"redirect_url": "http://a.example/", "redirect_pool_id": "POOL"},
        "prefix and pool": {"redirect_prefix": "http://a.example/", "redirect_pool_id": "POOL"},
        "code": {"redirect_http_code": 301}, "url and code": {"redirect_url": "http://a.example/", "redirect_http_code": 301},
        "pool and code": {"redirect_pool_id": "POOL", "redirect_http_code": 301},
        "prefix and code": {"redirect_prefix": "http://a.example/", "redirect_http_code": 308},
        "nulls": {"redirect_url": None, "redirect_prefix": None, "redirect_pool_id": None},
    }

    def fill(fields):
        return {k: scene.pool("pool-HTTP") if v == "POOL" else v for k, v in fields.items()}

    for action in ACTIONS:
        for case, fields in targets.items():
            scene.room(10)
            create(f"{action} with {case}", {"action": action, **fill(fields)},
                   missing=[] if "redirect_url" in fields else ["redirect_url"])
    policy = lambda name="y1": f"{path}/{scene.find('l7policies', name=name)}"
    for name in ("y1", "y2", "y3"):
        for action in (None, *ACTIONS):
            for case, fields in lane.some(targets.items()):
                scene.room(15)
                change = {**({"action": action} if action else {}), **fill(fields)}
                if lane.send(f"PUT /l7policies {name} {action} with {case}", "PUT", policy(name),
                             {"l7policy": change}).diverged:
                    scene.renew()
                scene.uses += 1
    scene.renew()
    fields = {**POLICY, **PROJECT, **READ_ONLY, "listener_id": UUID, "rules": [None, [], [{}], 1],
              "redirect_pool": [None, {}]}
    for field, value in lane.some(cases_of(fields)):
        create(field, {field: value})
    for field in ("listener_id", "action", "redirect_url"):
        create(f"without {field}", {}, missing=[field])
    scene.renew()
    for position in (1, 2, 9, 3, 1):
        create(f"position {position}", {"position": position, "name": f"at-{position}-{lane.unique()}"})
    listing = lambda: lane.send("GET /l7policies in order", "GET",
                                f"{path}?listener_id={scene.listener('HTTP')}&sort=position", order=["position"])
    listing()
    for position in (5, 1, 100, 2, None):
        lane.send(f"PUT /l7policies position {position}", "PUT", policy(), {"l7policy": {"position": position}})
        listing()
    lane.send("DELETE /l7policies/{id} in order", "DELETE", policy("y2"))
    listing()
    lane.send("GET /listeners/{id} with policies", "GET", f"{BASE}/listeners/{scene.listener('HTTP')}")
    scene.renew()
    more = {**READ_ONLY, "listener_id": [NOBODY], "rules": [[]], "project_id": ["a"]}
    try_updates(lane, scene, "/l7policies", policy, "l7policy", {**POLICY, **more})
    lane.send("PUT /l7policies [empty]", "PUT", policy(), {"l7policy": {}})
    lane.send("GET /l7policies/{id}", "GET", policy())

    # Rules.
    scene.renew()
    rules = lambda: f"{policy()}/rules"
    base = {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/x"}

    def create_rule(case, fields, missing=()):
        scene.room(25)
        body = {**base, **fields}
        for name in missing:
            body.pop(name)
        result = lane.send(f"POST /l7policies/{{id}}/rules [{case}]", "POST", rules(), {"rule": body})
        if result.diverged:
            scene.renew()
        elif result.both:
            scene.uses += 1

    combinations = [(kind, compare, key, value) for kind in RULES for compare in COMPARISONS for key in (None, "Key")
                    for value in ("abc", "true", "12")]
    for kind, compare, key, value in lane.random.sample(combinations, max(1, round(100 * min(1, lane.size)))):
        create_rule(f"{kind} {compare} {'with' if key else 'without'} key, {value}",
                    {"type": kind, "compare_type": compare, "key": key, "value": value})
    for kind in ("HEADER", "COOKIE", "SSL_DN_FIELD"):
        for key in lane.some(["a b", "a:b", "ü", "", "1a", "a-b", "a_b", "a=b"]):
            create_rule(f"{kind} key", {"type": kind, "compare_type": "EQUAL_TO", "key": key, "value": "v"})
    for kind in ("HOST_NAME", "HEADER", "COOKIE", "SSL_VERIFY_RESULT", "SSL_CONN_HAS_CERT", "FILE_TYPE"):
        for value in lane.some(["a b", "\"a b\"", "a\"b", "a;b", "a\\b", "ü", "a,b", "TRUE", "-1", "0", "1.5", "a\tb"]):
            create_rule(f"{kind} value", {"type": kind, "compare_type": "EQUAL_TO", "value": value,
                                          **({"key": "Key"} if kind in ("HEADER", "COOKIE") else {})})
    for value in lane.some(["(", "a{2,1}", "[a", "a**", "(?i)a", "(?P<n>a)", "\\d+", "a|b", "(?<=a)b", "\\", "^$", "a b"]):
        create_rule("REGEX value", {"compare_type": "REGEX", "value": value})
    for field, value in lane.some(cases_of({**RULE, **PROJECT, **READ_ONLY, "name": ["x"], "l7policy_id": [NOBODY]})):
        create_rule(field, {field: value})
    for field in ("type", "compare_type", "value"):
        create_rule(f"without {field}", {}, missing=[field])
    scene.renew()
    rule = lambda: f"{rules()}/{scene.find('rules', type='PATH')}"
    try_updates(lane, scene, "/l7policies/{id}/rules", rule, "rule",
                {**RULE, **READ_ONLY, "project_id": ["a"], "name": ["x"]})
    lane.send("PUT /l7policies/{id}/rules [empty]", "PUT", rule(), {"rule": {}})
    for change in ({"type": "HEADER"}, {"type": "HEADER", "key": "X-B", "value": "b"}, {"type": "COOKIE"},
                   {"key": None}, {"type": "PATH"}, {"type": "SSL_VERIFY_RESULT"},
                   {"type": "SSL_VERIFY_RESULT", "compare_type": "EQUAL_TO", "value": "3"}):
        if lane.send(f"PUT /l7policies/{{id}}/rules {sorted(change.items(), key=str)}", "PUT", rule(),
                     {"rule": change}).diverged:
            scene.renew()
    lane.send("GET /l7policies/{id}/rules/{id}", "GET", rule())
    lane.send("GET /l7policies/{id}/rules", "GET", rules(), order=[])
    lane.send("GET /l7policies/{id}/rules of none", "GET", f"{path}/{NOBODY}/rules")
    lane.send("GET /l7policies/{id}/rules/{id} of none", "GET", f"{rules()}/{NOBODY}")
    other = f"{policy('y2')}/rules/{scene.find('rules', type='PATH')}"
    for method in ("GET", "PUT"):
        lane.send(f"{method} /l7policies/{{id}}/rules/{{id}} of another policy", method, other,
                  {"rule": {}} if method == "PUT" else None)
    lane.send("DELETE /l7policies/{id}/rules/{id}", "DELETE", rule())
    lane.settle()
    lane.send("GET /l7policies/{id}/rules/{id} deleted", "GET", rule())
    lane.send("DELETE /l7policies/{id}", "DELETE", policy())
    lane.settle()
    for method in ("GET", "PUT", "DELETE"):
        lane.send(f"{method} /l7policies/{{id}} deleted", method, policy(),
                  {"l7policy": {"name": "x"}} if method == "PUT" else None)


def catalog_lane(lane):
    """Flavors, availability zones, providers, amphorae: nothing that a worker does."""
    def send(case, method, path, body=None, **more):
        return lane.send(case, method, path, body, tree=False, **more)

    for kind, data in (("flavor", "flavor_data"), ("availability_zone", "availability_zone_data")):
        plain = kind.replace("_", "")
        profiles = f"{BASE}/{plain}profiles"
        envelope = "flavorprofile" if kind == "flavor" else "availability_zone_profile"
        good = '{"loadbalancer_topology": "SINGLE"}' if kind == "flavor" else '{"compute_zone": "z"}'
        base = lambda: {"name": f"profile-{lane.unique()}", "provider_name": "amphora", data: good}
        values = {
            "name": text(255), "provider_name": [*ANY, "amphora", "octavia", "Amphora", "a" * 255, "a" * 256],
            data: [*ANY, "{}", "[]", "null", "1", "\"x\"", "{", '{"x": 1}', '{"compute_zone": 1}', '{"compute_zone": "z"}',
                   '{"loadbalancer_topology": "SINGLE"}', '{"loadbalancer_topology": "X"}',
                   '{"loadbalancer_topology": "ACTIVE_STANDBY", "compute_flavor": "f", "amp_image_tag": "t"}',
                   '{"sriov_vip": true}', '{"sriov_vip": "yes"}', '{"allow_member_sriov": false}',
                   '{"valid_vip_networks": []}', f'{{"valid_vip_networks": ["{NETWORK}"]}}', '{"valid_vip_networks": "x"}',
                   f'{{"management_network": "{NETWORK}"}}', '{"volume_zone": "v"}', "{} ", '{"a": "' + "a" * 4090 + '"}'],
        }
        for field, value in lane.some(cases_of({**values, "id": [NOBODY], "description": ["x"], "enabled": [True]})):
            result = send(f"POST /{plain}profiles [{field}]", "POST", profiles, {envelope: {**base(), field: value}})
            lane.undo(result, profiles, envelope)
        for field in values:
            body = base()
            del body[field]
            send(f"POST /{plain}profiles [without {field}]", "POST", profiles, {envelope: body})
        free = send(f"POST /{plain}profiles", "POST", profiles, {envelope: base()}).ref(envelope)
        used = send(f"POST /{plain}profiles", "POST", profiles, {envelope: base()}).ref(envelope)
        for field, value in lane.some(cases_of({**values, "id": [NOBODY]})):
            result = send(f"PUT /{plain}profiles [{field}]", "PUT", f"{profiles}/{free}", {envelope: {field: value}})
            if result.diverged:
                send(f"DELETE /{plain}profiles/{{id}}", "DELETE", f"{profiles}/{free}")
                free = send(f"POST /{plain}profiles", "POST", profiles, {envelope: base()}).ref(envelope)
        send(f"PUT /{plain}profiles [empty]", "PUT", f"{profiles}/{free}", {envelope: {}})
        send(f"GET /{plain}profiles/{{id}}", "GET", f"{profiles}/{free}")

        things = f"{BASE}/{plain}s"
        reference = f"{kind}_profile_id"
        base = lambda: {"name": f"{kind}-{lane.unique()}", reference: used}
        values = {"name": text(255), "description": text(255), "enabled": BOOLEAN}
        for field, value in lane.some(cases_of({**values, reference: UUID, "id": [NOBODY], "provider": ["x"]})):
            result = send(f"POST /{plain}s [{field}]", "POST", things, {kind: {**base(), field: value}})
            lane.undo(result, things, kind)
            if result.both:
                key = result.answers[1].json[kind].get("id") or result.answers[1].json[kind]["name"]
                ref = result.registry.lookup(key) or key
                if str(ref) and "\n" not in str(ref):
                    send(f"DELETE /{plain}s/{{id}}", "DELETE", f"{things}/{ref}")
        for field in ("name", reference):
            body = base()
            del body[field]
            send(f"POST /{plain}s [without {field}]", "POST", things, {kind: body})
        first = base()
        made = send(f"POST /{plain}s", "POST", things, {kind: first})
        second = base()
        send(f"POST /{plain}s", "POST", things, {kind: second})
        send(f"POST /{plain}s [same name]", "POST", things, {kind: first})
        ref = made.ref(kind) if kind == "flavor" else first["name"]
        for field, value in lane.some(cases_of({**values, reference: [NOBODY], "id": [NOBODY]})):
            if send(f"PUT /{plain}s [{field}]", "PUT", f"{things}/{ref}", {kind: {field: value}}).diverged:
                send(f"DELETE /{plain}s/{{id}}", "DELETE", f"{things}/{ref}")
                first = base()
                made = send(f"POST /{plain}s", "POST", things, {kind: first})
                ref = made.ref(kind) if kind == "flavor" else first["name"]
        send(f"PUT /{plain}s [name of another]", "PUT", f"{things}/{ref}", {kind: {"name": second["name"]}})
        send(f"PUT /{plain}s [empty]", "PUT", f"{things}/{ref}", {kind: {}})
        send(f"GET /{plain}s/{{id}}", "GET", f"{things}/{ref}")
        for change in ({"name": "renamed"}, {data: "{}"}, {"provider_name": "octavia"}, {"name": None}):
            send(f"PUT /{plain}profiles in use {sorted(change)}", "PUT", f"{profiles}/{used}", {envelope: change})
        send(f"DELETE /{plain}profiles/{{id}} in use", "DELETE", f"{profiles}/{used}")
        send(f"DELETE /{plain}profiles/{{id}}", "DELETE", f"{profiles}/{free}")
        for method in ("GET", "PUT", "DELETE"):
            send(f"{method} /{plain}profiles/{{id}} deleted", method, f"{profiles}/{free}",
                 {envelope: {"name": "x"}} if method == "PUT" else None)
            for identifier in (NOBODY, "nothing", "00000000-0000-0000-0000-000000000000"):
                send(f"{method} /{plain}s/{{id}} of none", method, f"{things}/{identifier}",
                     {kind: {"enabled": True}} if method == "PUT" else None)
        # A load balancer uses it.
        send(f"PUT /{plain}s enabled", "PUT", f"{things}/{ref}", {kind: {"enabled": True}})
        body = {"vip_subnet_id": SUBNET, "vip_address": VIP, "project_id": lane.project,
                "flavor_id" if kind == "flavor" else "availability_zone": ref}
        for provider in (None, "amphora", "octavia"):
            send(f"POST /loadbalancers with {plain} and {provider}", "POST", f"{BASE}/loadbalancers",
                 {"loadbalancer": {**body, **({"provider": provider} if provider else {})}})
        send(f"DELETE /{plain}s/{{id}} in use", "DELETE", f"{things}/{ref}")
        send(f"PUT /{plain}s disabled", "PUT", f"{things}/{ref}", {kind: {"enabled": False}})
        send(f"POST /loadbalancers with disabled {plain}", "POST", f"{BASE}/loadbalancers", {"loadbalancer": body})
        for collection in (profiles, things):
            name = collection.rsplit("/", 1)[1]
            send(f"GET /{name}", "GET", collection, order=[])
            for query in ("name=x", "enabled=true", "enabled=x", "description=x", "provider_name=amphora", "id=x",
                          f"{reference}={used}", "x=1", "limit=1&sort=name", "sort=name:desc", "sort=x", "fields=name",
                          "fields=x", f"{data}=x", "marker=x", "limit=x", "tags=x", "project_id=x"):
                send(f"GET /{name}?{query.split('=')[0]}", "GET", f"{collection}?{query}",
                     order=["name"] if "sort" in query else [])
    for path in ("/providers", "/providers?name=amphora", "/providers?fields=name", "/providers?x=1", "/providers?limit=1",
                 "/providers/amphora", "/providers/x/flavor_capabilities", "/providers/x/availability_zone_capabilities"):
        send(f"GET {path}", "GET", BASE + path, order=[])
    for provider in ("amphora", "octavia"):
        for what in ("flavor_capabilities", "availability_zone_capabilities"):
            for query in ("", "?name=compute_zone", "?name=sriov_vip", "?fields=name", "?x=1", "?description=x",
                          "?limit=1"):
                send(f"GET /providers/{provider}/{what}{query}", "GET", f"{BASE}/providers/{provider}/{what}{query}",
                     order=[])
    for method in ("POST", "PUT", "DELETE"):
        send(f"{method} /providers", method, f"{BASE}/providers", {} if method != "DELETE" else None)
    amphorae = "/v2/octavia/amphorae"
    send("GET amphorae of none", "GET", f"{amphorae}?loadbalancer_id={NOBODY}")
    for query in ("status=READY&limit=0&loadbalancer_id=" + NOBODY, "x=1", "limit=x", "sort=x", "marker=x", "status=X",
                  "role=X&loadbalancer_id=" + NOBODY):
        send(f"GET amphorae?{query.split('=')[0]}", "GET", f"{amphorae}?{query}", order=[])
    for method, suffix in (("GET", ""), ("DELETE", ""), ("GET", "/stats"), ("PUT", "/failover"), ("PUT", "/config"),
                           ("PUT", ""), ("POST", ""), ("GET", "/nothing"), ("PATCH", "")):
        send(f"{method} amphorae/{{id}}{suffix} of none", method, f"{amphorae}/{NOBODY}{suffix}",
             {} if method in ("PUT", "POST", "PATCH") else None)
    for path in ("/v2/lbaas/amphorae", "/v2/amphorae", "/v2.0/octavia/amphorae?loadbalancer_id=" + NOBODY):
        send(f"GET {path.split('?')[0]}", "GET", path)


def quota_lane(lane):
    """Quotas, and what happens when one is met."""
    def send(case, method, path, body=None, **more):
        return lane.send(case, method, path, body, tree=False, **more)

    kinds = ["loadbalancer", "load_balancer", "listener", "pool", "member", "healthmonitor", "health_monitor",
             "l7policy", "l7rule"]
    path = f"{BASE}/quotas"
    project = lane.project
    send("GET /quotas/{project}", "GET", f"{path}/{project}")
    send("DELETE /quotas/{project} without", "DELETE", f"{path}/{project}")
    send("GET /quotas/{project}/default", "GET", f"{path}/{project}/default")
    send("GET /quotas/default", "GET", f"{path}/default")
    send("GET /quotas/defaults", "GET", f"{path}/defaults")
    send("GET /quotas/{project}/x", "GET", f"{path}/{project}/x")
    send("GET /quotas/{project}?x", "GET", f"{path}/{project}?x=1")
    values = {kind: integer(-1, 2000000000) for kind in kinds}
    for field, value in lane.some(cases_of({**values, "project_id": ["x"], "id": [NOBODY], "vip": [1]})):
        if send(f"PUT /quotas [{field}]", "PUT", f"{path}/{project}", {"quota": {field: value}}).diverged:
            send("DELETE /quotas/{project}", "DELETE", f"{path}/{project}")
    send("GET /quotas/{project} set", "GET", f"{path}/{project}")
    for body in ({"quota": {}}, {"quota": None}, {}, {"quotas": {}}, {"quota": []},
                 {"quota": {"loadbalancer": 3, "load_balancer": 4}}, {"quota": {"load_balancer": 4, "loadbalancer": None}}):
        send(f"PUT /quotas {body}", "PUT", f"{path}/{project}", body)
    send("DELETE /quotas/{project}", "DELETE", f"{path}/{project}")
    send("GET /quotas/{project} deleted", "GET", f"{path}/{project}")
    for method in ("POST", "PUT", "DELETE"):
        send(f"{method} /quotas", method, path, {"quota": {}} if method != "DELETE" else None)

    # Met: everything is allowed once.
    scene = Scene(lane, lambda: {"listeners": [{
        "protocol": "HTTP", "protocol_port": 80, "default_pool": {
            "name": "p", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
            "members": [{"address": "192.0.2.1", "protocol_port": 80}],
            "healthmonitor": {"type": "HTTP", "delay": 5, "timeout": 4, "max_retries": 3}},
        "l7policies": [{"action": "REJECT", "name": "y", "rules": [
            {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/a"}]}]}],
        "pools": [{"name": "q", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}]})
    lane.settle()
    limits = {"loadbalancer": 1, "listener": 1, "pool": 2, "member": 1, "healthmonitor": 1, "l7policy": 1, "l7rule": 1}
    p, q, policy = scene.pool("p"), scene.pool("q"), scene.find("l7policies", name="y")
    creates = {
        "loadbalancer": ("/loadbalancers", {"loadbalancer": {"vip_subnet_id": SUBNET, "project_id": project}}),
        "listener": ("/listeners", {"listener": {"loadbalancer_id": lane.load_balancer, "protocol": "TCP",
                                                 "protocol_port": 90}}),
        "pool": ("/pools", {"pool": {"loadbalancer_id": lane.load_balancer, "protocol": "TCP",
                                     "lb_algorithm": "ROUND_ROBIN"}}),
        "member": (f"/pools/{p}/members", {"member": {"address": "192.0.2.2", "protocol_port": 80}}),
        "healthmonitor": ("/healthmonitors", {"healthmonitor": {"pool_id": q, "type": "PING", "delay": 5, "timeout": 4,
                                                                "max_retries": 3}}),
        "l7policy": ("/l7policies", {"l7policy": {"listener_id": scene.listener("HTTP"), "action": "REJECT"}}),
        "l7rule": (f"/l7policies/{policy}/rules", {"rule": {"type": "PATH", "compare_type": "EQUAL_TO", "value": "/b"}}),
    }
    for limit in (limits, {kind: 0 for kind in limits}):
        send("PUT /quotas met", "PUT", f"{path}/{project}", {"quota": limit})
        for kind, (where, body) in creates.items():
            lane.send(f"POST {where.split('⟦')[0]} over quota {kind}", "POST", BASE + where, body)
        lane.send("POST /loadbalancers (tree) over quota", "POST", f"{BASE}/loadbalancers", {"loadbalancer": {
            "vip_subnet_id": SUBNET, "project_id": project, "listeners": listeners("HTTP"), "pools": pools("HTTP")}})
        for batch in ([{"address": "192.0.2.1", "protocol_port": 80}, {"address": "192.0.2.2", "protocol_port": 80}],
                      [{"address": "192.0.2.1", "protocol_port": 80, "weight": 2}]):
            lane.send("PUT /pools/{id}/members over quota", "PUT", f"{BASE}/pools/{p}/members", {"members": batch})
    send("PUT /quotas one more", "PUT", f"{path}/{project}", {"quota": {**{k: v + 1 for k, v in limits.items()}}})
    for kind, (where, body) in creates.items():
        if kind != "loadbalancer":
            lane.send(f"POST {where.split('⟦')[0]} within quota {kind}", "POST", BASE + where, body)
    for kind, (where, body) in creates.items():
        if kind not in ("loadbalancer", "healthmonitor"):
            lane.send(f"POST {where.split('⟦')[0]} over quota again {kind}", "POST", BASE + where, body)
    send("DELETE /quotas/{project} met", "DELETE", f"{path}/{project}")


def transport_lane(lane):
    """Versions, paths, methods, bodies and headers."""
    def send(case, method, path, body=None, **more):
        return lane.send(case, method, path, body, tree=False, **more)

    for path in ("/", "/v2", "/v2/", "/v2.0", "/v2/lbaas", "/v2.0/lbaas/", "/v2/octavia", "/v1", "/v3", "/v2/x", "/x",
                 "/v2/lbaas/x", f"/v2/lbaas/loadbalancers/?project_id={NOBODY}", f"/v2/lbaas/loadbalancers?project_id={NOBODY}",
                 f"/v2.0/lbaas/loadbalancers.json?project_id={NOBODY}", f"/v2/loadbalancers?project_id={NOBODY}",
                 f"/v2.0/pools?project_id={NOBODY}", "/v2/lbaas/lbaas/pools", "/v2/lbaas/loadbalancers/x/y/z",
                 "/v2/lbaas/LoadBalancers", f"/v2/lbaas//loadbalancers?project_id={NOBODY}", "/healthcheck"):
        for method in ("GET", "HEAD") if path in ("/", "/v2", "/x") else ("GET",):
            send(f"{method} {path.split('?')[0]}", method, path)
    collections = ["loadbalancers", "listeners", "pools", "healthmonitors", "l7policies", "flavors", "flavorprofiles",
                   "availabilityzones", "availabilityzoneprofiles", "quotas"]
    for collection in collections:
        path = f"{BASE}/{collection}"
        for method in ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW"):
            send(f"{method} /{collection}", method, path, {} if method in ("PUT", "PATCH") else None)
        for identifier in (NOBODY, "x", "a b", "%00", NOBODY.upper()):
            for method in ("GET", "DELETE", "PUT", "POST", "PATCH", "HEAD"):
                if method == "PUT" and collection == "quotas":
                    continue
                if collection == "quotas" and method == "DELETE" and identifier != "x":
                    continue
                send(f"{method} /{collection}/{'{id}' if identifier != 'a b' else 'a b'} of none", method,
                     f"{path}/{identifier}", {envelope_of(collection): {}} if method in ("PUT", "POST") else None)
        send(f"GET /{collection}/{{id}}/x", "GET", f"{path}/{NOBODY}/x")
    bodies = ["", "junk", "{", "{}", "[]", "null", "1", "\"x\"", "true", "{\"a\":1}", "[{}]", "{\"ENVELOPE\":null}",
              "{\"ENVELOPE\":[]}", "{\"ENVELOPE\":\"x\"}", "{\"ENVELOPE\":1}", "{\"ENVELOPE\":{}}",
              "{\"ENVELOPE\":{},\"x\":1}", "{\"ENVELOPE\":{\"x\":1}}", "{\"ENVELOPE\":{\"x\":1,\"y\":2}}",
              "{\"ENVELOPE\":{},}", "{'ENVELOPE':{}}", "\ufeff{\"ENVELOPE\":{}}", "{\"ENVELOPE\":{}} x",
              "{\"ENVELOPE\":{\"name\":\"\\ud800\"}}", "{\"ENVELOPE\":{\"name\":NaN}}", "[" * 200 + "]" * 200]
    for collection in collections[:-1]:
        envelope = envelope_of(collection)
        for method, path in (("POST", f"{BASE}/{collection}"), ("PUT", f"{BASE}/{collection}/{NOBODY}")):
            for body in lane.some(bodies):
                send(f"{method} /{collection} body {body[:40]!r}", method, path, raw=body.replace("ENVELOPE", envelope))
            send(f"{method} /{collection} without body", method, path)
            send(f"{method} /{collection} body not UTF-8", method, path, raw=b"{\"" + envelope.encode() + b"\":\"\xff\"}")
        send(f"DELETE /{collection} with junk", "DELETE", f"{BASE}/{collection}/{NOBODY}", raw="junk")
        send(f"DELETE /{collection} with {{}}", "DELETE", f"{BASE}/{collection}/{NOBODY}", raw="{}")
        send(f"GET /{collection} with junk", "GET", f"{BASE}/{collection}/{NOBODY}", raw="junk")
        for method in ("POST", "PUT", "DELETE"):
            path = f"{BASE}/{collection}" + ("" if method == "POST" else f"/{NOBODY}")
            send(f"{method} /{collection}?x", method, path + "?x=1", None if method == "DELETE" else {envelope: {}})
    nobody = f"{BASE}/loadbalancers?project_id={NOBODY}"
    for accept in (None, "", "*/*", "application/json", "application/xml", "text/html", "text/html, */*;q=0.1",
                   "application/*", "application/json;q=0", "nonsense", "application/json; charset=utf-8", "text/plain"):
        send(f"GET /loadbalancers Accept: {accept}", "GET", nobody, headers={"Accept": accept})
        send(f"GET / Accept: {accept}", "GET", "/", headers={"Accept": accept})
        send(f"GET /x Accept: {accept}", "GET", "/v2/x", headers={"Accept": accept})
    for kind in (None, "", "application/json", "application/json; charset=utf-8", "text/plain", "application/xml",
                 "APPLICATION/JSON", "application/x-www-form-urlencoded", "multipart/form-data", "json"):
        for method, path in (("POST", f"{BASE}/loadbalancers"), ("PUT", f"{BASE}/loadbalancers/{NOBODY}"),
                             ("DELETE", f"{BASE}/loadbalancers/{NOBODY}")):
            send(f"{method} Content-Type: {kind}", method, path, raw="{\"loadbalancer\": {}}", headers={"Content-Type": kind})
            send(f"{method} Content-Type: {kind}, no body", method, path, headers={"Content-Type": kind})


def envelope_of(collection):
    return {"l7policies": "l7policy", "availabilityzones": "availability_zone", "quotas": "quota",
            "availabilityzoneprofiles": "availability_zone_profile"}.get(collection, collection[:-1])


def list_lane(lane):
    """Queries of lists: filters on every field, order, pages, choice of fields, tags."""
    rule = {"type": "PATH", "compare_type": "STARTS_WITH"}
    scene = Scene(lane, lambda: {
        "tags": ["one", "two"], "description": "about lists",
        "listeners": [{"protocol": "HTTP", "protocol_port": 80 + i, "name": f"l{i}", "tags": tags, "description": f"d{i % 2}",
                       "connection_limit": 100 - i, "admin_state_up": i != 2,
                       "l7policies": [{"action": "REDIRECT_TO_URL", "redirect_url": f"http://{j}.example/", "name": f"y{j}",
                                       "tags": tags, "rules": [{**rule, "value": f"/{k}", "tags": tags} for k in range(3)]}
                                      for j in range(4)] if i == 0 else []}
                      for i, tags in enumerate((["one"], ["one", "two"], ["two"], [], ["three"]))],
        "pools": [{"name": f"p{i}", "protocol": protocol, "lb_algorithm": "ROUND_ROBIN", "tags": ["one"] if i % 2 else [],
                   "healthmonitor": {"type": "TCP", "delay": 5 + i, "timeout": 4, "max_retries": 3, "name": f"h{i}"},
                   "members": [{"name": f"m{j}", "address": f"192.0.2.{j}", "protocol_port": 80, "weight": j,
                                "tags": ["one"] if j % 2 else ["two"], "backup": j == 3} for j in range(1, 6)]
                   if i == 0 else []}
                  for i, protocol in enumerate(("HTTP", "HTTP", "TCP", "TCP"))]})
    lane.settle()
    pool, policy = scene.pool("p0"), scene.find("l7policies", name="y0")
    lb = lane.load_balancer
    common = {"id": [str(lb), "x", ""], "name": ["l1", "p1", "m1", "h1", "y1", "L1", "x", ""], "description": ["d1", "x", ""],
              "admin_state_up": ["true", "false", "True", "0", "x"], "provisioning_status": ["ACTIVE", "ERROR", "active"],
              "operating_status": ["ONLINE", "OFFLINE", "x"], "created_at": ["2020-01-01T00:00:00", "x"],
              "updated_at": ["2020-01-01T00:00:00"], "tenant_id": [lane.project], "no_such_field": ["x"],
              "tags": ["one", "one,two", "none", ""], "tags-any": ["one,two", "three"], "not-tags": ["one", "one,two"],
              "not-tags-any": ["one,two"]}
    own = {
        "loadbalancers": {"vip_address": [VIP, "x"], "vip_subnet_id": [SUBNET, "x"], "vip_network_id": [NETWORK],
                          "vip_port_id": [PORT], "vip_qos_policy_id": [QOS], "provider": ["amphora", "x"],
                          "flavor_id": [NOBODY], "availability_zone": ["x"], "listeners": ["x"], "pools": ["x"],
                          "vip_sg_ids": [GROUP], "additional_vips": ["x"], "vip_vnic_type": ["normal", "direct"]},
        "listeners": {"protocol": ["HTTP", "TCP", "x"], "protocol_port": ["81", "x", "81.0"], "connection_limit": ["99", "-1"],
                      "loadbalancer_id": [str(lb), NOBODY], "load_balancer_id": [str(lb)], "default_pool_id": [str(pool)],
                      "timeout_client_data": ["50000"], "timeout_tcp_inspect": ["0"], "insert_headers": ["x"],
                      "allowed_cidrs": ["x"], "l7policies": ["x"], "loadbalancers": ["x"], "sni_container_refs": ["x"],
                      "default_tls_container_ref": ["x"], "client_authentication": ["NONE"], "tls_ciphers": ["x"],
                      "tls_versions": ["x"], "alpn_protocols": ["x"], "hsts_max_age": ["1"], "hsts_preload": ["false"],
                      "client_ca_tls_container_ref": ["x"], "timeout_member_connect": ["5000"],
                      "timeout_member_data": ["50000"], "hsts_include_subdomains": ["false"]},
        "pools": {"protocol": ["HTTP", "TCP"], "lb_algorithm": ["ROUND_ROBIN", "x"], "loadbalancer_id": [str(lb), NOBODY],
                  "listener_id": [NOBODY], "healthmonitor_id": [str(scene.find("healthmonitor", name="h1"))],
                  "session_persistence": ["x"], "members": ["x"], "listeners": ["x"], "tls_enabled": ["false", "true"],
                  "tls_ciphers": ["x"], "tls_versions": ["x"], "alpn_protocols": ["x"], "ca_tls_container_ref": ["x"],
                  "tls_container_ref": ["x"], "crl_container_ref": ["x"], "loadbalancers": ["x"]},
        "healthmonitors": {"type": ["TCP", "x"], "delay": ["6"], "timeout": ["4"], "max_retries": ["3"],
                           "max_retries_down": ["3"], "http_method": ["GET"], "url_path": ["/"], "expected_codes": ["200"],
                           "pool_id": [str(pool), NOBODY], "pools": ["x"], "http_version": ["1.1"], "domain_name": ["x"]},
        "l7policies": {"action": ["REJECT", "REDIRECT_TO_URL"], "redirect_url": ["http://1.example/"],
                       "redirect_pool_id": [NOBODY], "redirect_prefix": ["x"], "redirect_http_code": ["302", "x"],
                       "position": ["1", "x"], "listener_id": [str(scene.find("listeners", name="l0")), NOBODY],
                       "loadbalancer_id": [str(lb)], "rules": ["x"]},
        "members": {"address": ["192.0.2.1", "x"], "protocol_port": ["80"], "weight": ["2", "x"], "backup": ["true"],
                    "subnet_id": [NOBODY], "monitor_address": ["192.0.2.1"], "monitor_port": ["1"], "pool_id": [NOBODY],
                    "vnic_type": ["normal"], "request_sriov": ["false"], "project_id": [lane.project, NOBODY]},
        "rules": {"type": ["PATH"], "compare_type": ["STARTS_WITH"], "value": ["/1"], "key": ["x"], "invert": ["false"],
                  "l7policy_id": [NOBODY], "project_id": [lane.project, NOBODY]},
    }
    places = {"members": f"/pools/{pool}/members?", "rules": f"/l7policies/{policy}/rules?"}
    unique = {"loadbalancers": "name", "listeners": "protocol_port", "pools": "name", "healthmonitors": "name",
              "l7policies": "position", "members": "address", "rules": "value"}
    for collection, extra in own.items():
        place = BASE + places.get(collection, f"/{collection}?project_id={lane.project}&")
        key = unique[collection]

        def get(query, order=(), case=None):
            return lane.send(f"GET /{collection}?{case or query.split('=')[0]}", "GET", place + query, order=list(order),
                             tree=False)

        get("", case="all")
        odd = {"active": " in lower case", "L1": " in upper case", "81.0": " as a fraction"}
        for field, value in lane.some(cases_of({**common, **extra})):
            get(f"{field}={value}", case=field + odd.get(value, ""))
        for field in sorted({*common, *extra, "vip_vnic_type", "pools"}):
            if field.startswith(("tags-", "not-")):
                continue
            # The order of ids is one's own.
            get(f"sort={field}", [] if field == "id" or field.endswith("_id") else [field], f"sort {field}")
        for query in (f"sort={key}", f"sort={key}:desc", f"sort={key}:DESC", f"sort={key}:x", f"sort_key={key}",
                      f"sort_key={key}&sort_dir=desc", f"sort_key={key}&sort_dir=x", f"sort={key},{key}",
                      f"sort=admin_state_up:desc,{key}:desc", f"sort={key}:asc:desc", "sort=", f"sort={key},",
                      f"sort_dir=desc", f"sort={key}&sort_key=id"):
            get(query, [key] if key in query else (), f"order {query.split('&', 1)[-1].replace(key, 'KEY')}")
        items = lane.servers[1].send("GET", lane.registry.resolve(place, 1) + f"sort={key}", None, {}).json[collection]
        ref = lane.registry.lookup(items[min(1, len(items) - 1)]["id"])
        for query in ("limit=1", "limit=2", "limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=1000", "limit=1001",
                      "limit=infinite", "limit=", "limit=99999999999999999999", f"limit=1&marker={ref}", f"marker={ref}",
                      f"limit=2&marker={ref}&page_reverse=True", f"limit=2&marker={ref}&page_reverse=true",
                      "page_reverse=True", "page_reverse=x", f"marker={NOBODY}", "marker=x", "marker=", "limit=1&limit=2",
                      "limit=2&fields=name", f"marker={ref}&marker={ref}"):
            get(f"sort={key}&{query}", [key], f"page {query.split('⟦')[0]}")
        for query in ("fields=id", "fields=id&fields=name", "fields=id,name", "fields=x", "fields=", "fields=tenant_id",
                      "fields=project_id", "fields=tags", "fields=healthmonitor_id", "name=a&name=b", "id=x&id=y",
                      "tags=one&tags=two", "tags=one&not-tags=two", "tags-any=one,two&not-tags=two", "project_id=a&project_id=b",
                      "%ff=1", "=", "name", "a&b"):
            get(query, (), query)
        one = f"{place.split('?')[0]}/{ref}"
        for query in ("fields=id", "fields=id&fields=name", "fields=x", "x=1", "limit=x", "sort=x", "limit=1", "marker=x"):
            lane.send(f"GET /{collection}/{{id}}?{query}", "GET", f"{one}?{query}", tree=False)
    for query in ("project_id=" + NOBODY, "project_id=", "tenant_id=" + NOBODY, "project_id=x&name=y"):
        for collection in ("loadbalancers", "listeners", "pools", "healthmonitors", "l7policies"):
            lane.send(f"GET /{collection}?{query.split('=')[0]} of another", "GET", f"{BASE}/{collection}?{query}",
                      order=[], tree=False)


def access_lane(lane):
    """Who may do what: an owner, a reader, a member of another project, nobody."""
    scene = Scene(lane, lambda: {"listeners": listeners("HTTP"), "pools": [{
        **pools("HTTP")[0], "members": [{"address": "192.0.2.1", "protocol_port": 80, "name": "m"}]}]})
    lane.settle()
    pool = scene.pool("pool-HTTP")
    paths = {
        "/loadbalancers": None, "/loadbalancers/{id}": f"/loadbalancers/{lane.load_balancer}",
        "/loadbalancers/{id}/status": f"/loadbalancers/{lane.load_balancer}/status",
        "/loadbalancers/{id}/stats": f"/loadbalancers/{lane.load_balancer}/stats",
        "/loadbalancers/{id}/failover": f"/loadbalancers/{lane.load_balancer}/failover",
        "/loadbalancers/none": f"/loadbalancers/{NOBODY}", "/listeners/{id}": f"/listeners/{scene.listener('HTTP')}",
        "/pools/{id}": f"/pools/{pool}", "/pools/{id}/members": f"/pools/{pool}/members",
        "/pools/{id}/members/{id}": f"/pools/{pool}/members/{scene.find('members', name='m')}", "/quotas": None,
        "/quotas/{id}": f"/quotas/{lane.project}", "/flavors": None, "/flavorprofiles": None, "/availabilityzones": None,
        "/availabilityzoneprofiles": None, "/providers": None,
        "/providers/amphora/flavor_capabilities": None, "/flavors/none": f"/flavors/{NOBODY}",
        f"/loadbalancers?project_id={NOBODY}": None,
    }
    for identity in ("member", "reader"):
        for case, path in paths.items():
            for method in ("GET", "PUT", "DELETE"):
                if method != "GET" and path is None:
                    continue
                envelope = "members" if case.endswith("members") else case.split("/")[-2 if case.count("/") > 1 else -1][:-1]
                body = {envelope: [] if envelope == "members" else {}} if method == "PUT" else None
                if case.endswith("failover"):
                    body = None
                lane.send(f"{method} {case.split('?')[0]} by a {identity} of another project", method,
                          BASE + (path or case), body, identity=identity, order=[] if method == "GET" else None)
    for identity in ("member", "reader"):
        for case, body in (
                ("own", {"vip_subnet_id": SUBNET, "vip_address": VIP}),
                ("another's", {"vip_subnet_id": SUBNET, "vip_address": VIP, "project_id": lane.project}),
                ("with groups", {"vip_subnet_id": SUBNET, "vip_address": VIP, "vip_sg_ids": [GROUP]})):
            lane.send(f"POST /loadbalancers by a {identity}, {case}", "POST", BASE + "/loadbalancers",
                      {"loadbalancer": body}, identity=identity, tree=False)
        for path, body in (
                ("/listeners", {"listener": {"loadbalancer_id": lane.load_balancer, "protocol": "TCP", "protocol_port": 9}}),
                ("/pools", {"pool": {"loadbalancer_id": lane.load_balancer, "protocol": "TCP", "lb_algorithm": "SOURCE_IP"}}),
                (f"/pools/{pool}/members", {"member": {"address": "192.0.2.9", "protocol_port": 9}}),
                ("/flavors", {"flavor": {"name": "f", "flavor_profile_id": NOBODY}}),
                ("/flavorprofiles", {"flavorprofile": {"name": "f", "provider_name": "amphora", "flavor_data": "{}"}}),
                ("/availabilityzones", {"availability_zone": {"name": "f", "availability_zone_profile_id": NOBODY}})):
            lane.send(f"POST {path.split('⟦')[0]} by a {identity} of another project", "POST", BASE + path, body,
                      identity=identity)
        lane.send(f"GET amphorae by a {identity}", "GET", "/v2/octavia/amphorae", identity=identity, tree=False)


def last_lane(lane):
    """What depends on everything that is there: runs when the other lanes have ended."""
    def send(case, method, path, **more):
        return lane.send(case, method, path, tree=False, **more)

    path = f"{BASE}/quotas"
    lane.send("PUT /quotas", "PUT", f"{path}/{lane.project}", {"quota": {"pool": 5, "listener": 7}}, tree=False)
    for query in ("", f"project_id={lane.project}", "x=1", "pool=5", "pool=x", "fields=pool", "limit=x", "marker=x",
                  "sort=project_id", "limit=1&sort=project_id", "tenant_id=x", "listener=7&pool=5", "listener=8&pool=5"):
        send(f"GET /quotas?{query.split('=')[0]}", "GET", f"{path}?{query}", order=[])
    # Of all projects: only by names that a lane gave, because what one server alone has made is not gone everywhere.
    for collection, name in {"loadbalancers": "lists-1", "listeners": "l1", "pools": "p1", "healthmonitors": "h1",
                             "l7policies": "y1"}.items():
        for query in (f"name={name}&fields=name", f"name={name}&sort=created_at:desc&fields=name"):
            send(f"GET /{collection}?{query}", "GET", f"{BASE}/{collection}?{query}", order=["name"])


LANES = {
    "attended": attended_lane, "loadbalancers": load_balancers, "trees": full_trees, "listeners": listener_lane, "pools": pool_lane,
    "monitors": monitor_lane, "l7": l7_lane, "catalog": catalog_lane, "quotas": quota_lane,
    "transport": transport_lane, "lists": list_lane, "access": access_lane,
}
LAST = {"last": last_lane}
# Those that need Octavia's worker. For the others its work is done by hand, see SettledByHand.
ATTENDED = {"attended"}
