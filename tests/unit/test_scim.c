// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "targets/scim_p.h"

#include <idou/scim.h>
#include <stdlib.h>
#include <string.h>

#define CORE "urn:ietf:params:scim:schemas:core:2.0:User"
#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// As much of RFC 7643 8.7.1 as is needed, and an extension of a site's own.
static const char schemas[] =
    "[{'id':'" CORE "','attributes':["
    " {'name':'userName','type':'string','uniqueness':'server'},"
    " {'name':'name','type':'complex','subAttributes':[{'name':'familyName','type':'string'},"
    "   {'name':'givenName','type':'string'}]},"
    " {'name':'displayName','type':'string'},{'name':'title','type':'string','caseExact':true},"
    " {'name':'active','type':'boolean'},{'name':'rank','type':'integer'},"
    " {'name':'password','type':'string','mutability':'writeOnly'},"
    " {'name':'emails','type':'complex','multiValued':true,'subAttributes':["
    "   {'name':'value','type':'string'},{'name':'type','type':'string'},"
    "   {'name':'primary','type':'boolean'}]},"
    " {'name':'addresses','type':'complex','multiValued':true,'subAttributes':["
    "   {'name':'locality','type':'string'},{'name':'type','type':'string'}]},"
    " {'name':'tags','type':'string','multiValued':true},"
    " {'name':'groups','type':'complex','multiValued':true,'mutability':'readOnly',"
    "   'subAttributes':[{'name':'value','type':'string'},"
    "   {'name':'$ref','type':'reference','referenceTypes':['User','Group']}]}]},"
    "{'id':'" ENTERPRISE "','attributes':["
    " {'name':'employeeNumber','type':'string'},{'name':'department','type':'string'},"
    " {'name':'manager','type':'complex','subAttributes':[{'name':'value','type':'string'},"
    "   {'name':'$ref','type':'reference','referenceTypes':['User']},"
    "   {'name':'displayName','type':'string','mutability':'readOnly'}]}]},"
    "{'id':'urn:city:User','attributes':[{'name':'floor','type':'string'},"
    " {'name':'title','type':'string'},{'name':'department','type':'string'}]},"
    "{'id':'urn:ietf:params:scim:schemas:core:2.0:Group','attributes':["
    " {'name':'displayName','type':'string','uniqueness':'none'},"
    " {'name':'members','type':'complex','multiValued':true,'subAttributes':["
    "   {'name':'value','type':'string'},"
    "   {'name':'$ref','type':'reference','referenceTypes':['User','Group']}]}]}]";

static const char types[] =
    "{'Resources':[{'name':'User','endpoint':'/Users','schema':'" CORE "','schemaExtensions':["
    "{'schema':'" ENTERPRISE "'},{'schema':'urn:city:User'},{'schema':'urn:unknown'}]},"
    "{'name':'Group','endpoint':'https://x/scim/v2/Groups',"
    "'schema':'urn:ietf:params:scim:schemas:core:2.0:Group'},"
    "{'name':'Thing','endpoint':'/Things','schema':'urn:nobody:describes'}]}";

// JSON with ' for ".
static json_t *read_json(const char *text)
{
  g_autofree char *copy = g_strdelimit(g_strdup(text), "'", '"');
  json_t *value = json_loads(copy, JSON_DECODE_ANY, NULL);
  UNIT_TRUE(value != NULL, "%s", text);
  return value;
}

static char *write_json(const json_t *value)
{
  char *dumped = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
  char *text = g_strdelimit(g_strdup(dumped), "\"", '\'');
  free(dumped);
  return text;
}

static ScimService *make_service(const char *config)
{
  json_auto_t *config_json = read_json(config), *types_json = read_json(types),
              *schemas_json = read_json(schemas);
  g_autoptr(GString) why = g_string_new(NULL);
  ScimService *service = scim_service_of(config_json, types_json, schemas_json, why);
  UNIT_TRUE(service != NULL, "%s", why->str);
  return service;
}

static void services(void)
{
  g_autoptr(ScimService) service = make_service(
      "{'patch':{'supported':true},'filter':{'supported':false},'bulk':{'supported':true,"
      "'maxOperations':10,'maxPayloadSize':1000},'etag':{}}");
  UNIT_TRUE(service->patch && service->bulk && !service->filter && !service->etag);
  UNIT_INT((long long)service->bulk_operations, 10);
  UNIT_INT((long long)service->kinds->len, 2);  // nobody describes a Thing
  const ScimKind *user = scim_service_kind(service, "user"),
                 *group = scim_service_at(service, "groups");
  UNIT_STR(user->naming, "userName");
  UNIT_TRUE(user->unique);
  UNIT_INT((long long)user->extensions->len, 2);
  UNIT_STR(group->naming, "displayName");
  UNIT_STR(group->endpoint, "/Groups");
  UNIT_TRUE(!group->unique);
  UNIT_TRUE(!scim_service_kind(service, "Thing") && !scim_service_at(service, "Things"));
  g_autoptr(GString) why = g_string_new(NULL);
  json_auto_t *nothing = json_array();
  UNIT_TRUE(!scim_service_of(nothing, NULL, nothing, why) && why->len);
}

// What a mapping may write, and what of it stands for the same.
static void paths(void)
{
  static const struct {
    const char *name, *text, *filter;  // NULL = there is none
    MatchRule match;
    bool single, readonly;
  } rows[] = {
      {"userName", "userName", "userName eq \"a\"", MATCH_IGNORE, true, false},
      {"USERNAME", "userName", "userName eq \"a\"", MATCH_IGNORE, true, false},
      {"title", "title", "title eq \"a\"", MATCH_EXACT, true, false},
      {"active", "active", "active eq \"a\"", MATCH_BOOLEAN, true, false},
      {"rank", "rank", "rank eq \"a\"", MATCH_INTEGER, true, false},
      {"id", "id", "id eq \"a\"", MATCH_EXACT, true, true},
      {"name.familyName", "name.familyName", "name.familyName eq \"a\"", MATCH_IGNORE, true, false},
      {"emails", "emails.value", "emails.value eq \"a\"", MATCH_IGNORE, false, false},
      {"emails.work", "emails[type eq \"work\"].value",
       "emails[type eq \"work\" and value eq \"a\"]", MATCH_IGNORE, true, false},
      {"emails[type eq \"work\"].value", "emails[type eq \"work\"].value",
       "emails[type eq \"work\" and value eq \"a\"]", MATCH_IGNORE, true, false},
      {"emails.work.primary", "emails[type eq \"work\"].primary",
       "emails[type eq \"work\" and primary eq \"a\"]", MATCH_BOOLEAN, true, false},
      {"addresses.work.locality", "addresses[type eq \"work\"].locality",
       "addresses[type eq \"work\" and locality eq \"a\"]", MATCH_IGNORE, true, false},
      {"tags", "tags", "tags eq \"a\"", MATCH_IGNORE, false, false},
      {"employeeNumber", ENTERPRISE ":employeeNumber", ENTERPRISE ":employeeNumber eq \"a\"",
       MATCH_IGNORE, true, false},
      {"floor", "urn:city:User:floor", "urn:city:User:floor eq \"a\"", MATCH_IGNORE, true, false},
      {"urn:city:User:title", "urn:city:User:title", "urn:city:User:title eq \"a\"", MATCH_IGNORE,
       true, false},
      {"URN:city:User:floor", "urn:city:User:floor", "urn:city:User:floor eq \"a\"", MATCH_IGNORE,
       true, false},
      {CORE ":displayName", "displayName", "displayName eq \"a\"", MATCH_IGNORE, true, false},
      {"manager", ENTERPRISE ":manager.value", ENTERPRISE ":manager.value eq \"a\"", MATCH_DN, true,
       false},
      {"manager.displayName", ENTERPRISE ":manager.displayName",
       ENTERPRISE ":manager.displayName eq \"a\"", MATCH_IGNORE, true, true},
      {"groups", "groups.value", "groups.value eq \"a\"", MATCH_IGNORE, false, true},
      // Two extensions have it: it must be told which.
      {"department", NULL, NULL, 0, false, false},
      {"nothing", NULL, NULL, 0, false, false},
      {"", NULL, NULL, 0, false, false},
      {"name", NULL, NULL, 0, false, false},
      {"name.nothing", NULL, NULL, 0, false, false},
      {"addresses.work", NULL, NULL, 0, false, false},
      {"addresses", NULL, NULL, 0, false, false},
      {"emails.work.value.more", NULL, NULL, 0, false, false},
      {"emails[type eq \"\"].value", NULL, NULL, 0, false, false},
      {"emails[type eq \"work].value", NULL, NULL, 0, false, false},
      {"emails[type eq \"work\"]value", NULL, NULL, 0, false, false},
      {"userName.x", NULL, NULL, 0, false, false},
      {"userName[type eq \"work\"]", NULL, NULL, 0, false, false},
      {"urn:unknown:floor", NULL, NULL, 0, false, false},
  };
  g_autoptr(ScimService) service = make_service("{}");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(ScimPath) path = scim_path_new(scim_service_kind(service, "User"), rows[i].name);
    g_autoptr(GString) text = g_string_new(NULL), filter = g_string_new(NULL);
    UNIT_TRUE((path != NULL) == (rows[i].text != NULL), "%s", rows[i].name);
    if (!path || !rows[i].text)
      continue;
    scim_path_text(path, false, text);
    scim_path_filter(path, "a", filter);
    UNIT_STR(text->str, rows[i].text, "%s", rows[i].name);
    UNIT_STR(filter->str, rows[i].filter, "%s", rows[i].name);
    UNIT_INT(path->attr.match, rows[i].match, "%s", rows[i].name);
    UNIT_INT(path->attr.single, rows[i].single, "%s", rows[i].name);
    UNIT_INT(path->attr.readonly, rows[i].readonly, "%s", rows[i].name);
  }
}

// RFC 7644 3.4.2.2: what stands between quotation marks is a JSON string. Nothing gets out of it.
static void escapes(void)
{
  static const struct {
    const char *name, *value, *filter, *encoded;
  } rows[] = {
      {"userName", "a\" or userName pr or \"", "userName eq \"a\\\" or userName pr or \\\"\"",
       "a%22%20or%20userName%20pr%20or%20%22"},
      {"userName", "a\\", "userName eq \"a\\\\\"", "a%5C"},
      {"userName", "山田&count=1", "userName eq \"山田&count=1\"",
       "%E5%B1%B1%E7%94%B0%26count%3D1"},
      {"active", "TRUE", "active eq true", "TRUE"},
      {"rank", "12", "rank eq 12", "12"},
      {"rank", "12 or id pr", "rank eq \"12 or id pr\"", "12%20or%20id%20pr"},
      {"userName", "a\nb", "userName eq \"a\\nb\"", "a%0Ab"},
      {"userName", "../Groups/1?x#y", "userName eq \"../Groups/1?x#y\"", "..%2FGroups%2F1%3Fx%23y"},
  };
  g_autoptr(ScimService) service = make_service("{}");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(ScimPath) path = scim_path_new(scim_service_kind(service, "User"), rows[i].name);
    g_autoptr(GString) filter = g_string_new(NULL), encoded = g_string_new(NULL);
    scim_path_filter(path, rows[i].value, filter);
    scim_link_encode(rows[i].value, encoded);
    UNIT_STR(filter->str, rows[i].filter);
    UNIT_STR(encoded->str, rows[i].encoded);
  }
}

// "attribute -gone +come", changes separated by "; "; "=" before the values: whatever is there goes.
static GPtrArray *read_changes(const char *text)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func(scim_change_free);
  g_auto(GStrv) parts = g_strsplit(text, "; ", -1);
  for (size_t i = 0; parts[i]; i++) {
    g_auto(GStrv) words = g_strsplit(parts[i], "|", -1);
    ScimChange *change = scim_change_in(changes, words[0]);
    for (size_t k = 1; words[k]; k++) {
      change->all |= *words[k] == '=';
      if (words[k][1])
        scim_change_add(*words[k] == '-' ? change->gone : change->come, words[k] + 1,
                        strlen(words[k] + 1));
    }
  }
  return changes;
}

// The resource after the change, as a PUT has it, and the operations of a PATCH that say the same.
static void changes(void)
{
  static const struct {
    const char *kind, *before, *changes;
    ScimFault fault;
    const char *after, *operations;
  } rows[] = {
      {"User", "{'title':'a'}", "title|-a|+b", SCIM_FINE, "{'title':'b'}",
       "[{'op':'replace','path':'title','value':'b'}]"},
      {"User", "{'title':'a'}", "title|-a", SCIM_FINE, "{}", "[{'op':'remove','path':'title'}]"},
      {"User", "{}", "title|+b", SCIM_FINE, "{'title':'b'}",
       "[{'op':'replace','path':'title','value':'b'}]"},
      {"User", "{'title':'c'}", "title|-a|+b", SCIM_GONE, NULL, NULL},
      {"User", "{'title':'c'}", "title|+b", SCIM_THERE, NULL, NULL},
      {"User", "{'title':'b'}", "title|+b", SCIM_THERE, NULL, NULL},
      {"User", "{'title':'c'}", "title|=|+b", SCIM_FINE, "{'title':'b'}",
       "[{'op':'replace','path':'title','value':'b'}]"},
      {"User", "{'title':''}", "title|+b", SCIM_FINE, "{'title':'b'}",
       "[{'op':'replace','path':'title','value':'b'}]"},
      {"User", "{'active':true}", "active|-TRUE|+false", SCIM_FINE, "{'active':false}",
       "[{'op':'replace','path':'active','value':false}]"},
      {"User", "{}", "active|+perhaps", SCIM_MALFORMED, NULL, NULL},
      {"User", "{}", "rank|+12", SCIM_FINE, "{'rank':12}",
       "[{'op':'replace','path':'rank','value':12}]"},
      {"User", "{}", "rank|+12x", SCIM_MALFORMED, NULL, NULL},
      {"User", "{}", "nothing|+a", SCIM_UNKNOWN, NULL, NULL},
      {"User", "{}", "id|+a", SCIM_READONLY, NULL, NULL},
      {"User", "{}", "groups|+a", SCIM_READONLY, NULL, NULL},
      {"User", "{'name':{'familyName':'山田','givenName':'花'}}", "name.familyName|-山田|+鈴木",
       SCIM_FINE, "{'name':{'familyName':'鈴木','givenName':'花'}}",
       "[{'op':'replace','path':'name.familyName','value':'鈴木'}]"},
      {"User", "{'name':{'familyName':'山田'}}", "name.familyName|-山田", SCIM_FINE, "{}",
       "[{'op':'remove','path':'name.familyName'}]"},
      // Of an element by its type what else it holds stays.
      {"User",
       "{'emails':[{'type':'home','value':'h'},{'type':'Work','value':'a','primary':true}]}",
       "emails.work|-a|+b", SCIM_FINE,
       "{'emails':[{'type':'home','value':'h'},{'primary':true,'type':'Work','value':'b'}]}",
       "[{'op':'replace','path':'emails[type eq \\'work\\'].value','value':'b'}]"},
      {"User", "{'emails':[{'type':'home','value':'h'}]}",
       "emails.work|+b; emails.work.primary|+true", SCIM_FINE,
       "{'emails':[{'type':'home','value':'h'},{'primary':true,'type':'work','value':'b'}]}",
       "[{'op':'add','path':'emails','value':[{'primary':true,'type':'work','value':'b'}]}]"},
      {"User", "{'emails':[{'type':'work','value':'a','primary':true}]}", "emails.work|-a",
       SCIM_FINE, "{}", "[{'op':'remove','path':'emails[type eq \\'work\\']'}]"},
      {"User", "{'emails':[{'value':'a'},{'value':'b','type':'x'}]}", "emails|-a|+c", SCIM_FINE,
       "{'emails':[{'type':'x','value':'b'},{'value':'c'}]}",
       "[{'op':'remove','path':'emails[value eq \\'a\\']'},"
       "{'op':'add','path':'emails','value':[{'value':'c'}]}]"},
      // What stands where a list or a complex value belongs, such as null, gives way; one element is a list of one.
      {"User", "{'emails':null}", "emails.work|+a", SCIM_FINE,
       "{'emails':[{'type':'work','value':'a'}]}",
       "[{'op':'add','path':'emails','value':[{'type':'work','value':'a'}]}]"},
      {"User", "{'tags':null}", "tags|+a", SCIM_FINE, "{'tags':['a']}",
       "[{'op':'add','path':'tags','value':['a']}]"},
      {"User", "{'emails':{'type':'home','value':'h'}}", "emails.work|+a", SCIM_FINE,
       "{'emails':[{'type':'home','value':'h'},{'type':'work','value':'a'}]}",
       "[{'op':'add','path':'emails','value':[{'type':'work','value':'a'}]}]"},
      {"User", "{'name':null}", "name.familyName|+a", SCIM_FINE, "{'name':{'familyName':'a'}}",
       "[{'op':'replace','path':'name.familyName','value':'a'}]"},
      {"User", "{'" ENTERPRISE "':null}", "employeeNumber|+1", SCIM_FINE,
       "{'" ENTERPRISE "':{'employeeNumber':'1'}}",
       "[{'op':'replace','path':'" ENTERPRISE ":employeeNumber','value':'1'}]"},
      // Names in another case than the schema's.
      {"User", "{'Emails':[{'Type':'work','value':'a'}]}", "emails.work|-a|+b", SCIM_FINE,
       "{'Emails':[{'Type':'work','value':'b'}]}",
       "[{'op':'replace','path':'emails[type eq \\'work\\'].value','value':'b'}]"},
      {"User", "{}", "employeeNumber|+1", SCIM_FINE, "{'" ENTERPRISE "':{'employeeNumber':'1'}}",
       "[{'op':'replace','path':'" ENTERPRISE ":employeeNumber','value':'1'}]"},
      {"User", "{'" ENTERPRISE "':{'employeeNumber':'1'}}", "employeeNumber|-1", SCIM_FINE, "{}",
       "[{'op':'remove','path':'" ENTERPRISE ":employeeNumber'}]"},
      // Another manager is another resource: the name of the old one goes.
      {"User", "{'" ENTERPRISE "':{'manager':{'value':'x1','displayName':'X'}}}", "manager|-x1|+X1",
       SCIM_FINE, "{'" ENTERPRISE "':{'manager':{'value':'X1'}}}",
       "[{'op':'replace','path':'" ENTERPRISE ":manager','value':{'value':'X1'}}]"},
      {"User", "{'" ENTERPRISE "':{'manager':{'value':'x1'}}}", "manager|-x1", SCIM_FINE, "{}",
       "[{'op':'remove','path':'" ENTERPRISE ":manager'}]"},
      // One without a value is not ours.
      {"Group", "{'members':[{'value':'a'},{'display':'x'},null]}", "members|-a|+c", SCIM_FINE,
       "{'members':[{'display':'x'},{'value':'c'}]}",
       "[{'op':'remove','path':'members[value eq \\'a\\']'},"
       "{'op':'add','path':'members','value':[{'value':'c'}]}]"},
      // Members that a server has twice go together; a quotation mark does not get out.
      {"Group", "{'members':[{'value':'a'},{'value':'b'},{'value':'a'}]}", "members|-a|+c",
       SCIM_FINE, "{'members':[{'value':'b'},{'value':'c'}]}",
       "[{'op':'remove','path':'members[value eq \\'a\\']'},"
       "{'op':'remove','path':'members[value eq \\'a\\']'},"
       "{'op':'add','path':'members','value':[{'value':'c'}]}]"},
      {"Group", "{'members':[{'value':'a'}]}", "members|+a", SCIM_THERE, NULL, NULL},
      {"Group", "{'members':[{'value':'a'}]}", "members|-A", SCIM_GONE, NULL, NULL},
      {"Group", "{'members':[{'value':'a'}]}", "members|-a", SCIM_FINE, "{}",
       "[{'op':'remove','path':'members[value eq \\'a\\']'}]"},
  };
  g_autoptr(ScimService) service = make_service("{}");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    json_auto_t *resource = read_json(rows[i].before), *operations = json_array();
    g_autoptr(GPtrArray) list = read_changes(rows[i].changes);
    const char *attribute = NULL;
    ScimFault fault = scim_change_apply(scim_service_kind(service, rows[i].kind), list, resource,
                                        operations, &attribute);
    UNIT_INT(fault, rows[i].fault, "row %zu", i);
    if (fault || rows[i].fault)
      continue;
    g_autofree char *after = write_json(resource), *said = write_json(operations);
    UNIT_STR(after, rows[i].after, "row %zu", i);
    UNIT_STR(said, rows[i].operations, "row %zu", i);
  }
}

// For a PUT. An extension that no schema describes stays with its URN; one that is empty by now goes.
static void dressed(void)
{
  static const struct {
    const char *before, *after;
  } rows[] = {
      {"{'id':'1','meta':{'version':'2'},'userName':'a','groups':[{}],'" ENTERPRISE
       "':{'department':'d'}}",
       "{'id':'1','schemas':['" CORE "','" ENTERPRISE "'],'" ENTERPRISE
       "':{'department':'d'},'userName':'a'}"},
      {"{'schemas':['" CORE "','urn:unknown','" ENTERPRISE "'],'urn:unknown':{'a':1}}",
       "{'schemas':['" CORE "','urn:unknown'],'urn:unknown':{'a':1}}"},
      {"{'URN:City:User':{'floor':'3'}}",
       "{'URN:City:User':{'floor':'3'},'schemas':['" CORE "','urn:city:User']}"},
  };
  g_autoptr(ScimService) service = make_service("{}");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    json_auto_t *resource = read_json(rows[i].before);
    scim_change_dress(scim_service_kind(service, "User"), resource);
    g_autofree char *text = write_json(resource);
    UNIT_STR(text, rows[i].after, "row %zu", i);
  }
}

// What is shown on request only is asked for, with all the rest but what is never shown.
static void wishes(void)
{
  static const char mine[] =
      "[{'id':'" CORE "','attributes':[{'name':'userName','returned':'always'},"
      "{'name':'groups','returned':'request'},{'name':'password','returned':'never'}]},"
      "{'id':'" ENTERPRISE "','attributes':[{'name':'department'}]},"
      "{'id':'urn:ietf:params:scim:schemas:core:2.0:Group','attributes':[{'name':'displayName'}]}]";
  json_auto_t *config = json_object(), *schemas_json = read_json(mine);
  g_autoptr(GString) why = g_string_new(NULL);
  g_autoptr(ScimService) service = scim_service_of(config, NULL, schemas_json, why);
  UNIT_STR(scim_service_kind(service, "User")->wish,
           "attributes=id,schemas,externalId,meta,userName,groups," ENTERPRISE ":department");
  UNIT_STR(scim_service_kind(service, "Group")->wish, NULL);
}

static void collect(const char *name, const ScimPath *path, const char *value, void *data)
{
  (void)path;
  g_string_append_printf(data, "%s=%s\n", name, value);
}

// Every value under the names that a mapping may give it.
static void each(void)
{
  g_autoptr(ScimService) service = make_service("{}");
  g_autoptr(GString) brief = g_string_new(NULL), all = g_string_new(NULL);
  json_auto_t *resource =
      read_json("{'userName':'a','emails':[{'type':'work','value':'w','primary':true}],"
                "'" ENTERPRISE "':{'department':'d','employeeNumber':'1'}}");
  const ScimKind *user = scim_service_kind(service, "User");
  scim_path_each(user, resource, true, collect, brief);
  scim_path_each(user, resource, false, collect, all);
  UNIT_STR(brief->str, "userName=a\nemails=w\nemails.work=w\nemails.work.primary=true\n"
                       "employeeNumber=1\n" ENTERPRISE ":department=d\n");
  UNIT_TRUE(strstr(all->str, "\nemails[type eq \"work\"].value=w\n") != NULL);
  UNIT_TRUE(strstr(all->str, ENTERPRISE ":employeeNumber=1\n") != NULL);
}

static void codes(void)
{
  static const struct {
    long status;
    const char *type;
    int code;
  } rows[] = {
      {201, NULL, LDAP_SUCCESS},
      {204, "uniqueness", LDAP_SUCCESS},
      {409, "uniqueness", LDAP_ALREADY_EXISTS},
      {409, NULL, LDAP_ALREADY_EXISTS},
      {400, "uniqueness", LDAP_ALREADY_EXISTS},
      {400, "invalidValue", LDAP_INVALID_SYNTAX},
      {400, "mutability", LDAP_CONSTRAINT_VIOLATION},
      {400, "noTarget", LDAP_NO_SUCH_ATTRIBUTE},
      {400, NULL, LDAP_OTHER},
      {301, NULL, LDAP_REFERRAL},
      {401, NULL, LDAP_INVALID_CREDENTIALS},
      {403, NULL, LDAP_INSUFFICIENT_ACCESS},
      {404, NULL, LDAP_NO_SUCH_OBJECT},
      {412, NULL, LDAP_ASSERTION_FAILED},
      {429, NULL, LDAP_BUSY},
      {503, NULL, LDAP_UNAVAILABLE},
      {500, NULL, LDAP_OTHER},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    UNIT_INT(scim_code_status(rows[i].status, rows[i].type), rows[i].code, "row %zu", i);
}

// What a DN tells of the resource.
static void spots(void)
{
  static const struct {
    const char *dn, *kind, *id, *name;
    bool known;
  } rows[] = {
      {"userName=a\\,b,resource=Users,scim=gw", "User", NULL, "a,b", true},
      {"USERNAME=a,Resource=users,SCIM=GW", "User", NULL, "a", true},
      {"displayName=g,resource=Groups,scim=gw", "Group", NULL, "g", true},
      {"id=1,resource=Users,scim=gw", "User", "1", NULL, true},
      {"id=1,scim=gw", NULL, "1", NULL, true},
      {"<id=2819c223>", NULL, "2819c223", NULL, true},
      {"<id=>", NULL, "", NULL, false},
      {"title=a,resource=Users,scim=gw", "User", NULL, NULL, false},
      {"userName=a,resource=Things,scim=gw", NULL, NULL, NULL, false},
      {"userName=a,resource=Users,scim=other", NULL, NULL, NULL, false},
      {"userName=a,resource=Users,x=y,scim=gw", NULL, NULL, NULL, false},
      {"scim=gw", NULL, NULL, NULL, false},
      {"nonsense", NULL, NULL, NULL, false},
  };
  g_autoptr(ScimService) service = make_service("{}");
  const TargetConfig config = {.base = "scim=gw"};
  const ScimSide side = {.config = &config, .service = service};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    ScimSpot spot;
    UNIT_INT(scim_side_spot(&side, rows[i].dn, &spot), rows[i].known, "%s", rows[i].dn);
    if (rows[i].known) {
      UNIT_STR(spot.kind ? spot.kind->name : NULL, rows[i].kind, "%s", rows[i].dn);
      UNIT_STR(spot.id, rows[i].id, "%s", rows[i].dn);
      UNIT_STR(spot.name, rows[i].name, "%s", rows[i].dn);
    }
    scim_side_spot_clear(&spot);
  }
}

static const UnitTest tests[] = {
    {"services", services}, {"paths", paths}, {"escapes", escapes}, {"changes", changes},
    {"dressed", dressed},   {"each", each},   {"codes", codes},     {"spots", spots},
    {"wishes", wishes},     {NULL, NULL},
};
UNIT_SUITE(scim, tests);
