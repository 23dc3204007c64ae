//! Fields that a tenant gives its conversations and contacts.

use rstest::rstest;
use serde_json::{Value, json};
use weft_domain::Role;
use weft_proto::{
    conversation::v1::{
        CreateCustomFieldRequest, CustomField, DeleteCustomFieldRequest, ListCustomFieldsRequest,
        UpdateContactRequest, UpdateCustomFieldRequest, custom_fields_client::CustomFieldsClient,
    },
    struct_json,
};

use crate::{
    adapter::Tenant,
    agent::{Conversation, UpdateConversationRequest, answer, fault},
    filters::fields,
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    fn fields_client(&self) -> CustomFieldsClient<tonic::transport::Channel> {
        CustomFieldsClient::new(self.rig.channel.clone())
    }

    /// The tenant's administrator makes a field of conversations.
    pub(crate) async fn define(
        &self,
        key: &str,
        kind: &str,
        choices: &[&str],
    ) -> weft_domain::Result<CustomField> {
        self.define_of("conversation", key, kind, choices).await
    }

    /// A custom field of contacts, or of conversations.
    pub(crate) async fn define_of(
        &self,
        of: &str,
        key: &str,
        kind: &str,
        choices: &[&str],
    ) -> weft_domain::Result<CustomField> {
        let request = CreateCustomFieldRequest {
            of: of.into(),
            key: key.into(),
            label: format!("The {key}"),
            kind: kind.into(),
            choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
            position: None,
        };
        let admin = self.another(Role::Admin);
        answer(self.fields_client().create_custom_field(admin.signed(request)).await)
    }

    async fn set_fields(&self, id: &str, body: Value) -> weft_domain::Result<Conversation> {
        let request =
            UpdateConversationRequest { id: id.into(), fields: Some(fields(body)), ..Default::default() };
        self.update(request).await
    }
}

fn shown(fields: Option<&prost_types::Struct>) -> Value {
    Value::Object(struct_json::to_json(fields.unwrap()))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn values_are_as_their_fields_want_them(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let id = tenant.receive("one", "m1", "hello").await.conversation_id;
    for (key, kind) in
        [("note", "text"), ("amount", "number"), ("paid", "boolean"), ("due", "date"), ("page", "url")]
    {
        tenant.define(key, kind, &[]).await.unwrap();
    }
    tenant.define("size", "choice", &["S", "M", "L"]).await.unwrap();
    let whole = json!({
        "note": "ring twice", "amount": -2.5, "paid": true, "due": "2026-02-28",
        "page": "https://example.org/a?b=c", "size": "M",
    });
    let set = tenant.set_fields(&id, whole.clone()).await.unwrap();
    assert_eq!(shown(set.fields.as_ref()), whole);
    let set = tenant.set_fields(&id, json!({"note": null, "size": "L", "never": null})).await.unwrap();
    let mut rest = whole;
    rest["size"] = "L".into();
    rest.as_object_mut().unwrap().remove("note");
    assert_eq!(shown(set.fields.as_ref()), rest);
    let long = "x".repeat(1001);
    for (body, field) in [
        (json!({"note": long}), "fields.note"),
        (json!({"note": ""}), "fields.note"),
        (json!({"note": 5}), "fields.note"),
        (json!({"amount": "5"}), "fields.amount"),
        (json!({"paid": "true"}), "fields.paid"),
        (json!({"due": "2026-02-29"}), "fields.due"),
        (json!({"due": "28.2.2026"}), "fields.due"),
        (json!({"page": "javascript:alert(1)"}), "fields.page"),
        (json!({"page": "example.org"}), "fields.page"),
        (json!({"size": "XL"}), "fields.size"),
        (json!({"size": ["M"]}), "fields.size"),
        (json!({"colour": "red"}), "fields.colour"),
    ] {
        let error = tenant.set_fields(&id, body.clone()).await.unwrap_err();
        assert_eq!(fault(&error).1, Some(field), "{body}");
    }
    assert_eq!(shown(tenant.conversation(&id).await.fields.as_ref()), rest);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn fields_of_contacts_and_of_conversations_are_apart(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let message = tenant.receive("one", "m1", "hello").await;
    let contact = tenant.conversation(&message.conversation_id).await.contact.unwrap().id;
    let field = tenant.define_of("contact", "customer_no", "text", &[]).await.unwrap();
    tenant.define("customer_no", "number", &[]).await.unwrap();
    let update = |body: Value| UpdateContactRequest {
        id: contact.clone(),
        fields: Some(fields(body)),
        ..Default::default()
    };
    let request = tenant.signed(update(json!({"customer_no": "K-7"})));
    tenant.contacts().update_contact(request).await.unwrap();
    tenant.set_fields(&message.conversation_id, json!({"customer_no": 7})).await.unwrap();
    assert_eq!(shown(tenant.contact(&contact).await.fields.as_ref()), json!({"customer_no": "K-7"}));

    // a field that is gone takes no values; those that are there can be removed
    let admin = tenant.another(Role::Admin);
    let gone = DeleteCustomFieldRequest { id: field.id.clone() };
    let request = tenant.signed(gone.clone());
    assert_eq!(
        answer(tenant.fields_client().delete_custom_field(request).await).unwrap_err().reason(),
        "permission_denied"
    );
    let request = rig.tenant().another(Role::Admin).signed(gone.clone());
    assert_eq!(
        answer(tenant.fields_client().delete_custom_field(request).await).unwrap_err().reason(),
        "not_found"
    );
    tenant.fields_client().delete_custom_field(admin.signed(gone)).await.unwrap();
    let request = tenant.signed(update(json!({"customer_no": "K-8"})));
    let error = answer(tenant.contacts().update_contact(request).await).unwrap_err();
    assert_eq!(fault(&error), ("unknown_field", Some("fields.customer_no")));
    let request = tenant.signed(update(json!({"customer_no": null})));
    tenant.contacts().update_contact(request).await.unwrap();
    assert_eq!(shown(tenant.contact(&contact).await.fields.as_ref()), json!({}));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_cannot_be_is_refused(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let twice = ["M", " M "];
    for (key, kind, choices, fault_at) in [
        ("Order", "text", &[][..], ("invalid_field", Some("key"))),
        ("1st", "text", &[], ("invalid_field", Some("key"))),
        ("a-b", "text", &[], ("invalid_field", Some("key"))),
        ("order", "texts", &[], ("invalid_field", Some("kind"))),
        ("order", "choice", &[], ("invalid_field", Some("choices"))),
        ("order", "choice", &twice, ("invalid_field", Some("choices"))),
        ("order", "text", &["M"], ("invalid_field", Some("choices"))),
    ] {
        let error = tenant.define(key, kind, choices).await.unwrap_err();
        assert_eq!(fault(&error), fault_at, "{key} {kind} {choices:?}");
    }
    let field = tenant.define("order", "choice", &["M"]).await.unwrap();
    let error = tenant.define("order", "text", &[]).await.unwrap_err();
    assert_eq!(fault(&error), ("already_exists", Some("key")));
    let admin = tenant.another(Role::Admin);
    let request = UpdateCustomFieldRequest {
        id: field.id.clone(),
        label: Some(" Size ".into()),
        choices: vec!["M".into(), "L".into()],
        position: Some(-1),
    };
    let changed =
        tenant.fields_client().update_custom_field(admin.signed(request)).await.unwrap().into_inner();
    assert_eq!((changed.label.as_str(), changed.choices.len(), changed.position), ("Size", 2, -1));
    tenant.define("note", "text", &[]).await.unwrap();
    let request = tenant.signed(ListCustomFieldsRequest { of: Some("conversation".into()) });
    let listed = tenant.fields_client().list_custom_fields(request).await.unwrap().into_inner().items;
    let keys: Vec<&str> = listed.iter().map(|field| field.key.as_str()).collect();
    assert_eq!(keys, ["order", "note"]);
    let request = rig.tenant().signed(ListCustomFieldsRequest::default());
    assert!(tenant.fields_client().list_custom_fields(request).await.unwrap().into_inner().items.is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_loses_no_value_and_its_undoing_gives_back_what_nobody_changed_since(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    for (key, kind) in [("plan", "text"), ("seats", "number"), ("paid", "boolean")] {
        tenant.define_of("contact", key, kind, &[]).await.unwrap();
    }
    let kept = tenant.receive("anna", "m1", "hello").await.author.unwrap().id;
    let other = tenant.receive("bert", "m2", "hello").await.author.unwrap().id;
    let set = async |id: &str, body: Value| {
        let request =
            UpdateContactRequest { id: id.to_owned(), fields: Some(fields(body)), ..Default::default() };
        answer(tenant.contacts().update_contact(tenant.signed(request)).await).unwrap();
    };
    let of = async |id: &str| shown(tenant.contact(id).await.fields.as_ref());
    set(&kept, json!({"plan": "gold"})).await;
    set(&other, json!({"plan": "free", "seats": 3, "paid": true})).await;
    let merge = tenant.merge(&kept, &other).await.unwrap();
    let together = json!({"plan": "gold", "seats": 3, "paid": true});
    assert_eq!(shown(merge.contact.unwrap().fields.as_ref()), together);
    assert_eq!(of(&kept).await, together);

    set(&kept, json!({"seats": 5})).await;
    tenant.undo(&merge.id).await.unwrap();
    assert_eq!(of(&kept).await, json!({"plan": "gold", "seats": 5}), "what was written since stays");
    assert_eq!(of(&other).await, json!({"plan": "free", "seats": 3, "paid": true}));
}
