//! The side of a tenant that faces its people: calls through the guard, and the events they would follow.

use chrono::Utc;
use prost_reflect::ReflectMessage;
use tonic::{Request, Response, Status, transport::Channel};
use weft_auth::{Principal, Subject};
use weft_bus::{Event, Stream};
use weft_domain::{Error, Result, Role, id};
pub(crate) use weft_proto::conversation::v1::{
    Contact, Conversation, Message, SendMessageRequest, UpdateConversationRequest,
};
use weft_proto::{
    conversation::v1::{
        GetContactRequest, GetConversationRequest, ListConversationsRequest, ListConversationsResponse,
        ListMessagesRequest, ListMessagesResponse, MarkReadRequest, ResolveMessageRequest,
        contacts_client::ContactsClient, conversations_client::ConversationsClient,
        messages_client::MessagesClient,
    },
    directory::v1::User,
    event_type,
    events::v1::{MessageCreated, UserCreated},
    json,
};

use crate::{adapter::Tenant, rig::Rig};

impl Rig {
    /// A new tenant.
    pub(crate) fn tenant(&self) -> Tenant<'_> {
        let (tenant, user) = (id::new(), id::new());
        let subject = Subject::User(user, id::new());
        let principal = Principal { tenant, subject, role: Role::Agent, scopes: None, issued_at: Utc::now() };
        let token = self.signer.sign(&principal).unwrap();
        Tenant { rig: self, id: tenant, channel: id::new(), user, token, orders_seen: 0.into() }
    }
}

pub(crate) fn answer<T>(answer: std::result::Result<Response<T>, Status>) -> Result<T> {
    answer.map(Response::into_inner).map_err(|status| weft_rpc::error(&status))
}

impl Tenant<'_> {
    pub(crate) fn conversations(&self) -> ConversationsClient<Channel> {
        ConversationsClient::new(self.rig.channel.clone())
    }

    pub(crate) fn chat(&self) -> MessagesClient<Channel> {
        MessagesClient::new(self.rig.channel.clone())
    }

    pub(crate) fn contacts(&self) -> ContactsClient<Channel> {
        ContactsClient::new(self.rig.channel.clone())
    }

    /// Somebody else of the same tenant.
    pub(crate) fn another(&self, role: Role) -> Self {
        self.acting_as(Subject::User(id::new(), id::new()), role)
    }

    /// A program with a token of this person's.
    pub(crate) fn with_token(&self) -> Self {
        self.acting_as(Subject::Token(id::new(), self.user), Role::Agent)
    }

    fn acting_as(&self, subject: Subject, role: Role) -> Self {
        let issued_at = Utc::now();
        let principal = Principal { tenant: self.id, subject, role, scopes: None, issued_at };
        let (token, user) = (self.rig.signer.sign(&principal).unwrap(), principal.user());
        Self { rig: self.rig, id: self.id, channel: self.channel, user, token, orders_seen: 0.into() }
    }

    /// A call by this tenant's agent.
    pub(crate) fn signed<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {}", self.token).parse().unwrap());
        request
    }

    /// The same with an idempotency key.
    pub(crate) fn keyed<T>(&self, key: &str, message: T) -> Request<T> {
        let mut request = self.signed(message);
        request.metadata_mut().insert(weft_rpc::IDEMPOTENCY_KEY, key.parse().unwrap());
        request
    }

    pub(crate) async fn conversation(&self, id: &str) -> Conversation {
        let request = GetConversationRequest { id: id.into() };
        answer(self.conversations().get_conversation(self.signed(request)).await).unwrap()
    }

    pub(crate) async fn list(&self, request: ListConversationsRequest) -> Result<ListConversationsResponse> {
        answer(self.conversations().list_conversations(self.signed(request)).await)
    }

    /// All conversations, the latest activity first.
    pub(crate) async fn all(&self) -> Vec<Conversation> {
        self.list(ListConversationsRequest::default()).await.unwrap().items
    }

    pub(crate) async fn list_messages(&self, request: ListMessagesRequest) -> Result<ListMessagesResponse> {
        answer(self.chat().list_messages(self.signed(request)).await)
    }

    /// The messages of a conversation in the order of `seq`.
    pub(crate) async fn messages(&self, conversation: &str) -> Vec<Message> {
        let request = ListMessagesRequest {
            conversation_id: conversation.into(),
            page_size: 200,
            after_seq: Some(0),
            ..Default::default()
        };
        self.list_messages(request).await.unwrap().items
    }

    pub(crate) async fn send(&self, conversation: &str, text: &str) -> Result<Message> {
        self.send_request(SendMessageRequest {
            conversation_id: conversation.into(),
            text: text.into(),
            ..Default::default()
        })
        .await
    }

    pub(crate) async fn send_request(&self, request: SendMessageRequest) -> Result<Message> {
        answer(self.chat().send_message(self.signed(request)).await)
    }

    pub(crate) async fn resolve(&self, message: &Message, action: &str) -> Result<Message> {
        let request = ResolveMessageRequest {
            conversation_id: message.conversation_id.clone(),
            id: message.id.clone(),
            action: action.into(),
        };
        answer(self.chat().resolve_message(self.signed(request)).await)
    }

    pub(crate) async fn update(&self, request: UpdateConversationRequest) -> Result<Conversation> {
        answer(self.conversations().update_conversation(self.signed(request)).await)
    }

    pub(crate) async fn set_status(&self, conversation: &str, status: &str) -> Result<Conversation> {
        let status = Some(status.to_owned());
        self.update(UpdateConversationRequest { id: conversation.into(), status, ..Default::default() }).await
    }

    pub(crate) async fn assign(&self, conversation: &str, assignee: &str) -> Result<Conversation> {
        let assignee = Some(assignee.to_owned());
        self.update(UpdateConversationRequest { id: conversation.into(), assignee, ..Default::default() })
            .await
    }

    pub(crate) async fn mark_read(&self, conversation: &str, seq: Option<u64>) -> Conversation {
        let request = MarkReadRequest { id: conversation.into(), seq };
        answer(self.conversations().mark_read(self.signed(request)).await).unwrap()
    }

    pub(crate) async fn contact(&self, id: &str) -> Contact {
        answer(self.contacts().get_contact(self.signed(GetContactRequest { id: id.into() })).await).unwrap()
    }

    /// The directory tells of a user of this tenant.
    pub(crate) async fn tell_user(&self, id: id::UserId, name: &str, disabled: bool) {
        let user = User { id: id.to_string(), name: name.into(), disabled, ..User::default() };
        let event = UserCreated { user: Some(user) };
        let event = Event {
            kind: "weft.v1.user.created".into(),
            subject: format!("weft.events.{}.user.created", self.id),
            key: id.to_string(),
            ..self.raw("", json::encode(&event).unwrap())
        };
        self.rig.bus.publish(Stream::Events, event).await.unwrap();
    }

    /// All events of one kind about this tenant so far, in their order.
    pub(crate) fn told<M: ReflectMessage + prost::Message + Default>(&self, events: &[Event]) -> Vec<M> {
        let kind = event_type::<M>().cloud_event();
        let tenant = self.id.to_string();
        let mine = events.iter().filter(|event| event.kind == kind && event.tenant.as_ref() == Some(&tenant));
        mine.map(|event| json::decode(&event.data).unwrap()).collect()
    }

    /// Waits for an event of one kind that fits.
    pub(crate) async fn until<M: ReflectMessage + prost::Message + Default>(
        &self,
        what: &str,
        fits: impl Fn(&M) -> bool,
    ) -> M {
        let find = |events: &[Event]| self.told::<M>(events).into_iter().find(|event| fits(event));
        self.rig.events.wait(what, find).await
    }

    /// Waits until a message is as wanted, whether it is new or changed.
    pub(crate) async fn until_message(&self, fits: impl Fn(&Message) -> bool) -> Message {
        let tenant = self.id.to_string();
        let find = |events: &[Event]| {
            let mine = events.iter().filter(|event| {
                event.kind.starts_with("weft.v1.message.") && event.tenant.as_ref() == Some(&tenant)
            });
            // Created and updated carry the message in the same field.
            let messages = mine.map(|event| json::decode::<MessageCreated>(&event.data).unwrap().message);
            messages.flatten().find(|message| fits(message))
        };
        self.rig.events.wait("a message as wanted", find).await
    }
}

/// An error's reason and the field at fault.
pub(crate) fn fault(error: &Error) -> (&str, Option<&str>) {
    (error.reason(), error.field())
}
