use serde_json::{Value, json};

/// What is not request and response in JSON, and therefore not in `proto/`: path, verb, description.
pub(super) fn all() -> impl Iterator<Item = (String, String, Value)> {
    let table = [
        ("/v1/live", "get", live()),
        ("/v1/live/tickets", "post", live_ticket()),
        ("/v1/files", "post", upload()),
        ("/v1/uploads", "post", piecewise("beginUpload", "Begins an upload that can be resumed", "201")),
        ("/v1/uploads/{id}", "head", piece("askUpload", "Says how far an upload is", "200")),
        ("/v1/uploads/{id}", "patch", piece("appendToUpload", "Brings what follows of an upload", "204")),
        ("/v1/uploads/{id}", "delete", piece("endUpload", "Ends an upload; nothing of it stays", "204")),
        ("/files/{id}", "get", download()),
        ("/hooks/{kind}/{channel_id}", "post", hook()),
        (
            "/webchat/{channel_id}/sessions",
            "post",
            webchat("beginWebchatSession", "Begins or resumes a visitor's session"),
        ),
        (
            "/webchat/{channel_id}/messages",
            "get",
            webchat("listWebchatMessages", "Lists the visitor's own thread"),
        ),
        (
            "/webchat/{channel_id}/messages",
            "post",
            webchat("sendWebchatMessage", "Sends a visitor's message"),
        ),
        ("/webchat/{channel_id}/live", "get", webchat("openWebchatLive", "Opens the visitor's WebSocket")),
    ];
    table.into_iter().map(|(path, verb, about)| (path.to_owned(), verb.to_owned(), about))
}

fn live() -> Value {
    json!({
        "operationId": "openLive",
        "tags": ["Live"],
        "summary": "Opens a WebSocket that follows conversations",
        "description": "Programs send `Authorization: Bearer …`; pages offer the subprotocols `weft.live.v1` and \
            `ticket.<ticket>`, with a ticket of `POST /v1/live/tickets`. Frames are JSON texts of at most 64 KiB, told apart by \
            `type`. From the client: `subscribe` and `unsubscribe` with `conversations` (a list of ids, or `\"all\"`), `resume` \
            with `cursor` (before the first `subscribe` took effect), `ping`. From the server: `hello`, `subscribed`, \
            `unsubscribed`, `event` (with `cursor`, `event`, `time`, `data`), `live` (typing, presence; without a cursor), `resumed`, \
            `pong`, `error`, `goodbye` (with `reason` and the cursor to `resume` from). Closes with 4401 when the session ends, \
            1013 when the client is too slow, 1012 when the server goes away, 4410 when the cursor is too old.",
        "security": [{"bearer": []}],
        "x-weft-permission": "conversation.read",
        "responses": {"101": {"description": "Switching Protocols"}, "default": problem()}
    })
}

fn live_ticket() -> Value {
    json!({
        "operationId": "createLiveTicket",
        "tags": ["Live"],
        "summary": "Makes a ticket that opens one WebSocket within 30 seconds",
        "security": [{"bearer": []}],
        "x-weft-permission": "conversation.read",
        "responses": {
            "200": json_answer(json!({
                "type": "object",
                "required": ["ticket", "expires_in"],
                "properties": {"ticket": {"type": "string"}, "expires_in": {"type": "integer", "description": "Seconds."}}
            })),
            "default": problem()
        }
    })
}

fn upload() -> Value {
    let file = json!({"type": "string", "contentMediaType": "application/octet-stream"});
    json!({
        "operationId": "uploadFile",
        "tags": ["Files"],
        "summary": "Uploads a file",
        "security": [{"bearer": []}],
        "x-weft-permission": "file.write",
        "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
        "requestBody": {
            "required": true,
            "content": {"multipart/form-data": {"schema": {
                "type": "object", "required": ["file"], "properties": {"file": file}
            }}}
        },
        "responses": {"201": json_answer(json!({"$ref": "#/components/schemas/File"})), "default": problem()}
    })
}

fn piecewise(operation_id: &str, summary: &str, success: &str) -> Value {
    json!({
        "operationId": operation_id,
        "tags": ["Files"],
        "summary": summary,
        "description": "Speaks tus 1.0.0 (https://tus.io/protocols/resumable-upload) with `creation`, `termination` and `expiration`. \
            `Location` ends in the id of the file that the upload becomes when all of it is here.",
        "security": [{"bearer": []}],
        "x-weft-permission": "file.write",
        "responses": {success: {"description": "Success"}, "default": problem()}
    })
}

fn piece(operation_id: &str, summary: &str, success: &str) -> Value {
    let mut about = piecewise(operation_id, summary, success);
    if let Some(about) = about.as_object_mut() {
        about.insert("parameters".to_owned(), json!([path_parameter("id", "The upload.")]));
    }
    about
}

fn download() -> Value {
    json!({
        "operationId": "downloadFile",
        "tags": ["Files"],
        "summary": "Gives a file's bytes to whoever has its link",
        "description": "Take the whole link from `url` of `GET /v1/files/{id}`; it works for some minutes. Ranges are served.",
        "security": [],
        "parameters": [path_parameter("id", "The file.")],
        "responses": {"200": {"description": "OK", "content": {"*/*": {}}}, "default": problem()}
    })
}

fn hook() -> Value {
    json!({
        "operationId": "receiveWebhook",
        "tags": ["Webhooks"],
        "summary": "Takes a provider's webhook",
        "description": "The body is the provider's own; its signature or secret is checked before it is read.",
        "security": [],
        "parameters": [path_parameter("kind", "The kind of channel."), path_parameter("channel_id", "The channel.")],
        "requestBody": {"content": {"*/*": {}}},
        "responses": {"200": {"description": "It is kept"}, "default": problem()}
    })
}

fn webchat(operation_id: &str, summary: &str) -> Value {
    json!({
        "operationId": operation_id,
        "tags": ["Webchat"],
        "summary": summary,
        "description": "For the widget on a web site. Opening a session gives a token; the other calls show it as a bearer token, the \
            socket as the subprotocol `token.<token>`.",
        "security": [],
        "parameters": [path_parameter("channel_id", "The web chat's channel.")],
        "responses": {"default": problem()}
    })
}

fn path_parameter(name: &str, about: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": about, "schema": {"type": "string"}})
}

fn json_answer(schema: Value) -> Value {
    json!({"description": "Success", "content": {"application/json": {"schema": schema}}})
}

fn problem() -> Value {
    json!({"$ref": "#/components/responses/Problem"})
}
