// SPDX-License-Identifier: GPL-3.0-or-later
//
// server.js DIR PORT [awkward]: the SCIM server of the tests. Protocol and checks are SCIMMY's; the store, two maps in
// memory, who may come in, and what goes wrong on demand are ours.
//
//   /scim/v2       bearer tokens of DIR/reader.secret (GET only), DIR/writer.secret, or of /oauth/token
//   /oauth/token   client credentials (reader, writer; the same secrets); a token lives for DIR/lifetime seconds
//   /login         HTTP Basic: 204 if an active user has this password, else 401
//   /control       PUT, with DIR/admin.secret: a list of faults, see `faults` below; DELETE /control/tokens ends all
//                  tokens that were issued
//
// `awkward`: no PATCH, no Bulk, no filters, no versions, three resources a page whatever was asked for.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const https = require("https");
const path = require("path");
// From there, so that each module's own word counts on which file is meant: Node.js 18 cannot require the other one.
const installed = require("module").createRequire(path.join(process.env.SCIM_MODULES, "package.json"));
const express = installed("express");
const {default: SCIMMYRouters, SCIMMY} = installed("scimmy-routers");

const [dir, port, mode] = process.argv.slice(2);
const awkward = mode === "awkward";
const read = (name) => fs.readFileSync(path.join(dir, name), "utf8").trim();
const secrets = {reader: read("reader.secret"), writer: read("writer.secret")};
const admin = read("admin.secret");
const lifetime = fs.existsSync(path.join(dir, "lifetime")) ? Number(read("lifetime")) : 3600;

// ---------------------------------------------------------------------------------------------
// The store.

const stores = {User: new Map(), Group: new Map()};
const journal = path.join(dir, "store"); // a line for each change, for who is killed
if (fs.existsSync(journal))
  for (const line of fs.readFileSync(journal, "utf8").trim().split("\n")) {
    const [kind, id, resource] = JSON.parse(line);
    if (resource) stores[kind].set(id, resource);
    else stores[kind].delete(id);
  }

function note(kind, id) {
  fs.appendFileSync(journal, JSON.stringify([kind, id, stores[kind].get(id) ?? null]) + "\n");
}
let lies = false; // answers as if it were done

function hash(password, salt) {
  return crypto.createHash("sha256").update(salt + password).digest("hex");
}

function checkUnique(store, instance, id) {
  const name = instance.userName?.toLowerCase();
  for (const other of store.values())
    if (name && other.id !== id && other.userName.toLowerCase() === name)
      throw new SCIMMY.Types.Error(409, "uniqueness", `userName ${instance.userName} is taken`);
}

function keep(kind, resource, instance) {
  const store = stores[kind];
  const before = resource.id ? store.get(resource.id) : undefined;
  if (resource.id && !before) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
  checkUnique(store, instance, resource.id);
  const now = new Date().toISOString();
  const password = instance.password;
  const {password: hidden, ...kept} = JSON.parse(JSON.stringify(instance));
  const id = resource.id ?? crypto.randomUUID();
  kept.id = id;
  kept.meta = {created: before?.meta.created ?? now, lastModified: now};
  if (!awkward) kept.meta.version = `W/"${Number(before?.meta.version?.match(/\d+/)?.[0] ?? 0) + 1}"`;
  kept.salt = before?.salt ?? crypto.randomBytes(8).toString("hex");
  kept.hash = password ? hash(password, kept.salt) : before?.hash;
  if (!lies) {
    store.set(id, kept);
    note(kind, id);
  }
  return shown(lies && before ? before : kept);
}

function shown({salt, hash: hidden, ...resource}) {
  return structuredClone(resource);
}

function declare(name, Resource) {
  const store = stores[name];
  SCIMMY.Resources.declare(Resource)
    .ingress((resource, instance) => keep(name, resource, instance))
    .egress((resource) => {
      if (resource.id) {
        if (!store.has(resource.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
        return shown(store.get(resource.id));
      }
      const all = [...store.values()];
      if (resource.filter && !awkward) return resource.filter.match(all.map(shown));
      // SCIMMY would make all of them ready to be shown for each page.
      const {startIndex = 1, count = 20} = resource.constraints ?? {};
      resource.constraints = {startIndex: 1, count, totalResults: all.length};
      return all.slice(startIndex - 1, startIndex - 1 + count).map(shown);
    })
    .degress((resource) => {
      if (!store.has(resource.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
      if (lies) return;
      store.delete(resource.id);
      note(name, resource.id);
    });
}

SCIMMY.Resources.declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser));
declare("User", SCIMMY.Resources.User);
declare("Group", SCIMMY.Resources.Group);

// ---------------------------------------------------------------------------------------------
// Who may come in.

const issued = new Map(); // token -> {who, until}

function who(request) {
  const token = request.header("Authorization")?.match(/^Bearer (.+)$/)?.[1];
  for (const [name, secret] of Object.entries(secrets)) if (token === secret) return name;
  const known = issued.get(token);
  return known && known.until > Date.now() ? known.who : undefined;
}

function basic(request) {
  const text = request.header("Authorization")?.match(/^Basic (.+)$/)?.[1] ?? "";
  const [user, ...password] = Buffer.from(text, "base64").toString("utf8").split(":");
  return [user, password.join(":")];
}

const app = express();
app.set("etag", false);
app.disable("x-powered-by");

app.use((request, response, next) => {
  response.on("close", () => log(`${request.method} ${request.originalUrl} ${response.statusCode}`));
  next();
});

function log(line) {
  fs.appendFileSync(path.join(dir, "requests"), line + "\n");
}

app.post("/oauth/token", express.urlencoded({extended: false}), (request, response) => {
  const [user, password] = basic(request).map(decodeURIComponent);
  if (request.body.grant_type !== "client_credentials" || !secrets[user] || secrets[user] !== password)
    return response.status(401).json({error: "invalid_client"});
  const token = crypto.randomUUID();
  issued.set(token, {who: user, until: Date.now() + lifetime * 1000});
  response.json({access_token: token, token_type: "Bearer", expires_in: lifetime});
});

app.get("/login", (request, response) => {
  const [user, password] = basic(request);
  const found = [...stores.User.values()].find((one) => one.userName === user);
  const good = found && found.active !== false && found.hash === hash(password, found.salt);
  response.status(good ? 204 : 401).end();
});

// ---------------------------------------------------------------------------------------------
// What goes wrong. A fault is {on: "PATCH /Users", skip: 0, times: 1, do: …}: it strikes requests whose method and path
// begin so, after `skip` of them, `times` times (0: always). WRITE is PATCH or PUT.

let faults = [];

app.use("/control", (request, response, next) => {
  if (request.header("Authorization") !== `Bearer ${admin}`) return response.status(401).end();
  next();
});

// Faults that were to strike and did not are told: a test that waits for them would prove nothing.
app.put("/control", express.json(), (request, response) => {
  const idle = faults.filter((fault) => fault.seen < Math.max(fault.skip + fault.times, fault.skip + 1));
  faults = request.body.map((fault) => ({skip: 0, times: 1, ...fault, seen: 0}));
  response.send(idle.map((fault) => `it did not strike: ${fault.on} ${fault.do}\n`).join(""));
});

app.delete("/control/tokens", (request, response) => {
  issued.clear();
  response.status(204).end();
});

function due(request) {
  for (const fault of faults) {
    const change = request.method === "PATCH" || request.method === "PUT" ? `WRITE ${request.path}` : "";
    if (!change.startsWith(fault.on) && !`${request.method} ${request.path}`.startsWith(fault.on)) continue;
    const n = fault.seen++;
    if (n >= fault.skip && (fault.times === 0 || n < fault.skip + fault.times)) return fault;
  }
  return undefined;
}

// What the answer becomes once the request has been carried out.
function spoil(response, change) {
  const send = response.send.bind(response);
  response.send = (body) => {
    if (typeof body === "object" && body !== null) body = JSON.stringify(body);
    response.send = send;
    return change(String(body ?? ""), send);
  };
}

function recount(response, next, count) {
  spoil(response, (body, send) => {
    const list = JSON.parse(body);
    list.totalResults = "N";
    const total = String(count(list));
    return send(JSON.stringify(list).replace('"totalResults":"N"', `"totalResults":${total}`));
  });
  next();
}

const deeds = {
  busy: (request, response) => response.status(429).set("Retry-After", "1").end(),
  unavailable: (request, response) => response.status(503).end(),
  error: (request, response) => response.status(500).json({detail: "it broke", status: "500"}),
  refused: (request, response) => response.status(401).end(),
  absent: (request, response) => response.status(501).json({detail: "no such thing", status: "501"}),
  drop: (request) => request.socket.destroy(),
  hang: () => {},
  // These come after the work.
  lost: (request, response, next) => {
    spoil(response, () => request.socket.destroy());
    next();
  },
  half: (request, response, next) => {
    spoil(response, (body) => {
      response.set("Content-Length", Buffer.byteLength(body) + 100);
      response.write(body.slice(0, body.length / 2));
      setTimeout(() => request.socket.destroy(), 20);
      return response;
    });
    next();
  },
  junk: (request, response, next) => {
    spoil(response, (body, send) => send("{" + body));
    next();
  },
  html: (request, response, next) => {
    spoil(response, (body, send) => {
      response.set("Content-Type", "text/html");
      return send("<html>Welcome</html>");
    });
    next();
  },
  // Between looking and changing somebody else was there.
  overtaken: (request, response, next) => {
    const resource = stores.User.get(request.path.split("/").pop());
    if (resource) {
      resource.nickName = "changed";
      resource.meta.version = `W/"${Number(resource.meta.version?.match(/\d+/)?.[0] ?? 0) + 1}"`;
    }
    next();
  },
  lie: (request, response, next) => {
    lies = true;
    spoil(response, (body, send) => {
      lies = false;
      return send(body);
    });
    next();
  },
  // Counts that nobody can rely on: what the page holds instead of what there is; less than nothing; more than anything.
  tally: (request, response, next) => recount(response, next, (list) => {
    list.Resources = list.Resources?.slice(0, 2);
    return list.Resources?.length ?? 0;
  }),
  negative: (request, response, next) => recount(response, next, () => -1),
  endless: (request, response, next) => recount(response, next, () => 4000000000000000000n),
  // What a proxy says that has lost the server after the work.
  swallowed: (request, response, next) => {
    spoil(response, (body, send) => {
      response.status(503);
      return send("");
    });
    next();
  },
  // Somewhere else, with the token.
  away: (request, response) => response.redirect(307, "/scim/v2/Elsewhere"),
  // Another resource than the one that was asked for.
  other: (request, response, next) => {
    spoil(response, (body, send) => send(JSON.stringify({...JSON.parse(body), id: "other"})));
    next();
  },
  // Done, and nothing is told of what was made.
  nameless: (request, response, next) => {
    spoil(response, (body, send) => send("{}"));
    next();
  },
  // Refused, with what was sent repeated: the token, or the body.
  mirror: (request, response) => response.status(403).json({status: "403", detail: `not with ${request.header("Authorization")}`}),
  parrot: async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    response.status(400).json({status: "400", detail: `what is ${body}`});
  },
  // Members are only shown to who asks for them, and the schema says so.
  shy: (request, response, next) => {
    const asked = String(request.query.attributes ?? "").split(",").includes("members");
    spoil(response, (body, send) => {
      const answer = JSON.parse(body);
      const all = answer.Resources ?? [answer];
      for (const one of asked ? [] : all) delete one.members;
      for (const one of all) for (const its of one.attributes ?? []) if (its.name === "members") its.returned = "request";
      return send(JSON.stringify(answer));
    });
    next();
  },
  // A list that changes while it is read: the first one is told again in place of the last.
  shift: (request, response, next) => {
    spoil(response, (body, send) => {
      const list = JSON.parse(body);
      if (list.Resources?.length) list.Resources[list.Resources.length - 1] = shown([...stores.User.values()][0]);
      return send(JSON.stringify(list));
    });
    next();
  },
};

app.use("/scim/v2", (request, response, next) => {
  const fault = due(request);
  return fault ? deeds[fault.do](request, response, next) : next();
});

// ---------------------------------------------------------------------------------------------
// SCIM.

function error(response, status, detail, scimType) {
  response.status(status).type("application/scim+json").send(new SCIMMY.Messages.Error({status, message: detail, scimType}));
}

app.use("/scim/v2", (request, response, next) => {
  const name = who(request);
  if (!name) return error(response, 401, "no valid token");
  if (name === "reader" && request.method !== "GET") return error(response, 403, "the reader may not write");
  if (awkward && request.method === "PATCH") return error(response, 501, "no PATCH");
  if (awkward && request.method === "GET" && /^\/(User|Group)s$/.test(request.path)) request.query.count = "3";
  const match = request.header("If-Match");
  const [, kind, id] = request.path.match(/^\/(User|Group)s\/([^/]+)$/) ?? [];
  const resource = id && stores[kind].get(decodeURIComponent(id));
  if (match && resource && resource.meta.version !== match) return error(response, 412, "the resource has another version");
  if (resource?.meta.version && request.method === "GET") response.set("ETag", resource.meta.version);
  next();
});

const routers = new SCIMMYRouters({type: "bearer", docUri: "https://city.example/help", handler: () => "idou"});
SCIMMY.Config.set({
  patch: !awkward, etag: !awkward, sort: false, changePassword: true,
  filter: awkward ? false : {supported: true, maxResults: 1000},
  bulk: awkward ? false : {supported: true, maxOperations: 100, maxPayloadSize: 200000},
});
app.use("/scim/v2", routers);

const server = https.createServer({key: fs.readFileSync(path.join(dir, "server.key")), cert: fs.readFileSync(path.join(dir, "server.pem"))}, app);
server.keepAliveTimeout = 60000;
server.on("error", (fault) => {
  console.error(fault.message);
  process.exit(1);
});
server.listen(Number(port), "127.0.0.1", () => {
  fs.writeFileSync(path.join(dir, "scim.pid.new"), `${process.pid}\n`);
  fs.renameSync(path.join(dir, "scim.pid.new"), path.join(dir, "scim.pid"));
});
process.on("SIGTERM", () => process.exit(0));
