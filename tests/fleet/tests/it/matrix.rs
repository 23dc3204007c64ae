//! Who may do what: every method that `proto/` knows, tried by everybody, on their own things and on those of others.

mod audited;
mod callers;
mod requests;
pub(crate) mod things;

use bytes::Bytes;
use rstest::rstest;
use serde_json::{Value, json};
use tonic::Code;
use weft_directory::bootstrap;
use weft_domain::Role;
use weft_proto::operation::{self, Operation};
use weft_rpc::RawClient;
use weft_tests_fleet::{Client, Engines, Fleet, PASSWORD};

use callers::{Caller, Verdict};
use requests::{IdField, Requests, id_fields};
use things::{Things, fresh, upload_request};

/// Calls that their caller may make, and that these things refuse.
const REFUSED_BY_STATE: [(&str, &str); 24] = [
    ("UpdateView", "permission_denied"),
    ("DeleteView", "permission_denied"),
    ("UpdateCannedReply", "permission_denied"),
    ("DeleteCannedReply", "permission_denied"),
    ("UpdateMacro", "permission_denied"),
    ("DeleteMacro", "permission_denied"),
    ("DeleteFile", "permission_denied"),
    ("UpdateScheduledMessage", "permission_denied"),
    ("CancelScheduledMessage", "permission_denied"),
    ("UpdateContactNote", "permission_denied"),
    ("DeleteContactNote", "permission_denied"),
    ("ListContactTimeline", "permission_denied"),
    ("StartContactImport", "contact_import_running"),
    ("StartContactExport", "contact_export_running"),
    ("EditMessage", "not_the_author"),
    ("MergeContacts", "same_contact"),
    ("MergeConversations", "same_conversation"),
    ("SplitConversation", "nothing_left"),
    ("ResolveMessage", "nothing_to_decide"),
    ("Logout", "no_session"),
    ("RotateChannelSecret", "no_secret_to_rotate"),
    ("SyncTemplates", "templates_unsupported"),
    ("TestChannel", "contact_must_begin"),
    ("DiscardDeadLetter", "letter_replayed"),
];

/// How an answer says that it found nothing.
const EMPTY: [&str; 2] = ["\"items\":[]", "\"by_channel\":[]"];

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn every_caller_may_do_what_the_policy_says_and_nothing_else(#[case] engines: Engines) {
    let fleet = fleet(engines).await;
    let admin = fleet.admin().await;
    let things = Things::make(&fleet, &admin).await;
    let callers = callers::all(&fleet, &admin).await;
    let mut requests = Requests::new(refresh_token(&fleet).await);
    let mut faults = Vec::new();
    for caller in &callers {
        faults.extend(hand_written_routes(caller).await);
    }
    for operation in rest_operations() {
        for caller in &callers {
            let verdict = caller.verdict(&operation.policy);
            let doomed = doomed_thing(&admin, &things, operation, verdict).await;
            let id = |field: &IdField| id_of(field, doomed.as_ref(), &things);
            let call = requests.call(operation, &id);
            let (status, body) = caller.client.call(call.verb, &call.path, call.body.as_ref()).await;
            if !fits(operation, verdict, status, &body) {
                let who = caller.name;
                faults.push(format!("{} by {who}: {verdict:?}, but {status} {body}", operation.name));
            }
            requests.learn(&body);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    fleet.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_thing_of_another_tenant_is_a_thing_that_never_was(#[case] engines: Engines) {
    let fleet = fleet(engines).await;
    let admin = fleet.admin().await;
    let theirs = Things::make(&fleet, &admin).await;
    let stranger = stranger(&fleet).await;
    let own = Things::make(&fleet, &stranger).await;
    let requests = Requests::new(String::new());
    let mut faults = Vec::new();
    let mut tried = 0;
    let open_to_admins = |operation: &&Operation| Role::Admin.allows(&operation.policy.permission);
    for operation in rest_operations().into_iter().filter(open_to_admins) {
        for swapped in id_fields(&operation.input, "") {
            tried += 1;
            let mut answers = Vec::new();
            for other in [theirs.id(&swapped.kind), never_was(&swapped.kind)] {
                let id = |field: &IdField| {
                    if field.path == swapped.path { other.clone() } else { own.id(&field.kind) }
                };
                let call = requests.call(operation, &id);
                let (status, mut body) = stranger.call(call.verb, &call.path, call.body.as_ref()).await;
                if let Some(problem) = body.as_object_mut() {
                    problem.remove("instance");
                }
                answers.push((status, body.to_string().replace(&other, "…")));
            }
            let http = operation.http.as_ref().unwrap();
            let is_in_path = http.path_fields().any(|name| name == swapped.path);
            let is_list = http.path_fields().next().is_none();
            let (status, body) = &answers[0];
            let hidden = match (is_in_path, http.verb) {
                (true, _) => *status == 404,
                (false, "GET") if is_list && *status == 200 => EMPTY.iter().any(|list| body.contains(list)),
                (false, _) => *status == 400,
            };
            if !hidden || answers[0] != answers[1] {
                faults.push(format!("{} with another's {}: {answers:?}", operation.name, swapped.path));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tried > 20, "only {tried} fields hold ids");
    fleet.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn services_ask_again_who_is_calling_and_keep_their_own_methods_to_themselves(
    #[case] engines: Engines,
) {
    let fleet = fleet(engines).await;
    let admin = fleet.admin().await;
    let callers = callers::all(&fleet, &admin).await;
    let mut faults = Vec::new();
    for operation in operation::all().iter().filter(|operation| !operation.policy.public) {
        for caller in &callers {
            let expected = match caller.may(&operation.policy.permission) {
                _ if operation.policy.service || caller.is_api_token() => Code::Unauthenticated,
                Verdict::Unauthenticated => Code::Unauthenticated,
                Verdict::Forbidden => Code::PermissionDenied,
                Verdict::Allowed => continue,
            };
            let code = call_service(&fleet, operation, caller).await;
            if code != expected {
                faults.push(format!("{} by {}: {code:?}", operation.path, caller.name));
            }
        }
        let (status, body) = admin.call("POST", &operation.path, Some(&json!({}))).await;
        if (status, body["reason"].as_str()) != (404, Some("no_such_route")) {
            faults.push(format!("POST {}: {status} {body}", operation.path));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    fleet.stop().await;
}

/// A fleet in which anybody may sign in at any time: here all come from one address.
async fn fleet(engines: Engines) -> Fleet {
    let patient = [
        ("WEFT_DIRECTORY__SIGN_IN__ADDRESS_BURST", "100000"),
        ("WEFT_DIRECTORY__SIGN_IN__ACCOUNT_BURST", "100000"),
    ];
    Fleet::start_with(weft_testkit::temp_dir(), engines, &patient).await
}

/// All that REST reaches; what ends the caller's session comes last.
fn rest_operations() -> Vec<&'static Operation> {
    let mut operations: Vec<_> =
        operation::all().iter().filter(|operation| operation.http.is_some()).collect();
    operations.sort_by_key(|operation| operation.name == "Logout");
    operations
}

/// What is deleted has to be there, each time.
async fn doomed_thing(
    admin: &Client,
    things: &Things,
    operation: &Operation,
    verdict: Verdict,
) -> Option<String> {
    let http = operation.http.as_ref().unwrap();
    if http.verb != "DELETE" || verdict != Verdict::Allowed {
        return None;
    }
    let doomed = id_fields(&operation.input, "").into_iter().find(|field| field.path == "id")?;
    // a message is only put out of the caller's sight, and of a conversation only a mark goes
    if matches!(doomed.kind.as_str(), "msg" | "conv") {
        return None;
    }
    Some(fresh(admin, things, &doomed.kind).await)
}

/// The id of a field: of what is to go, or of what stays.
fn id_of(field: &IdField, doomed: Option<&String>, things: &Things) -> String {
    // views stay everybody's, so that all callers find them
    if field.path == "team_id" {
        return String::new();
    }
    // all that there is cannot be split off: it stays for all callers
    if field.path == "from_message" {
        return things.id("first");
    }
    doomed.filter(|_| field.path == "id").cloned().unwrap_or_else(|| things.id(&field.kind))
}

fn fits(operation: &Operation, verdict: Verdict, status: u16, body: &Value) -> bool {
    let reason = body["reason"].as_str().unwrap_or_default();
    match verdict {
        Verdict::Unauthenticated => status == 401,
        Verdict::Forbidden => (status, reason) == (403, "permission_denied"),
        Verdict::Allowed => {
            let by_state = REFUSED_BY_STATE.contains(&(operation.name.as_str(), reason));
            (200..300).contains(&status) || (matches!(status, 403 | 422) && by_state)
        }
    }
}

/// The routes that are not request and response in JSON.
async fn hand_written_routes(caller: &Caller) -> Vec<String> {
    let ticket = caller.client.request("POST", "/v1/live/tickets");
    let tries = [
        ("a live ticket", "conversation.read", ticket),
        ("an upload", "file.write", upload_request(&caller.client)),
    ];
    let mut faults = Vec::new();
    for (what, permission, request) in tries {
        let status = caller.client.send(request).await.status.as_u16();
        let fits = match caller.may(permission) {
            Verdict::Unauthenticated => status == 401,
            Verdict::Forbidden => status == 403,
            Verdict::Allowed => (200..300).contains(&status),
        };
        if !fits {
            faults.push(format!("{what} by {}: {status}", caller.name));
        }
    }
    faults
}

async fn call_service(fleet: &Fleet, operation: &'static Operation, caller: &Caller) -> Code {
    let owner = operation.service.split('.').nth(1).unwrap().replace('_', "-");
    let client = RawClient::new(fleet.process().parts().channels.to(&owner).unwrap());
    let mut request = tonic::Request::new(Bytes::new());
    let token = caller.client.token();
    if !token.is_empty() {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request.metadata_mut().insert("x-weft-fleet-token", token.parse().unwrap());
    }
    client.call(&operation.path, request).await.err().map_or(Code::Ok, |status| status.code())
}

/// The admin of a second tenant.
async fn stranger(fleet: &Fleet) -> Client {
    let store = fleet.process().store("directory").unwrap();
    let tenant = bootstrap::create_tenant(store, "other", "Other").await.unwrap();
    let password = PASSWORD.to_owned().into();
    bootstrap::create_user(store, tenant, "admin@other.test", "Admin", Role::Admin, password).await.unwrap();
    Client::sign_in(&fleet.base, "admin@other.test", PASSWORD).await
}

async fn refresh_token(fleet: &Fleet) -> String {
    let body = json!({"email": "admin@demo.test", "password": PASSWORD});
    let tokens = Client::nobody(&fleet.base).post("/v1/auth/login", &body).await;
    tokens["refresh_token"].as_str().unwrap().to_owned()
}

/// An id as one would be that nothing has.
fn never_was(kind: &str) -> String {
    format!("{kind}_01h455vb4pex5vsknk084sn02q")
}
