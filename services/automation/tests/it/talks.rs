//! The conversation service as automation sees it: it assigns what nobody has, tells everybody, and fails when it is to.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tokio::sync::{Mutex, Notify};
use tonic::{Request, Response, Status, service::Routes};
use weft_bus::{Bus, Event, Stream};
use weft_domain::{Error, TenantId, id};
use weft_proto::{
    conversation::v1::{
        AssignRequest, AssignResponse, Author, CheckAutomaticMessageRequest, Conversation, Message,
        SendAutomaticMessageRequest, SendAutomaticMessageResponse,
        assignments_server::{Assignments, AssignmentsServer},
        author,
        automatic_messages_server::{AutomaticMessages, AutomaticMessagesServer},
        conversation, message,
    },
    convert::{time, timestamp},
    events::v1::{ConversationCreated, ConversationUpdated, MessageCreated},
    json,
};
use weft_rpc::{accept_service, status};

const PATIENCE: Duration = Duration::from_secs(30);

/// What goes wrong with calls.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// Nobody is there.
    Down,
    /// It is done, and the answer is lost.
    Mute,
    /// Nothing is done, and no answer comes.
    Hang,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) conversations: HashMap<String, Conversation>,
    /// What automation assigned: conversation and user, in the order in which it happened.
    pub(crate) assigned: Vec<(String, String)>,
    /// How often it was asked to.
    pub(crate) asked: usize,
    /// What automation had said, in the order in which it happened; a repeated decision once.
    pub(crate) said: Vec<SendAutomaticMessageRequest>,
    decisions: HashMap<String, AssignResponse>,
    /// Up to which message of a conversation nothing is said by itself, and why.
    refusals: HashMap<String, (u64, String)>,
    fault: Fault,
}

#[derive(Clone)]
pub(crate) struct Talks {
    bus: Bus,
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
}

impl Talks {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus, state: Arc::default(), changed: Arc::default() }
    }

    pub(crate) fn routes(&self) -> Routes {
        let mut routes = Routes::new(AssignmentsServer::new(self.clone()));
        routes = routes.add_service(AutomaticMessagesServer::new(self.clone()));
        routes
    }

    pub(crate) async fn fail(&self, fault: Fault) {
        self.state.lock().await.fault = fault;
    }

    /// From now on nothing is said by itself to messages of a conversation up to that one.
    pub(crate) async fn refuse(&self, conversation: &str, up_to: u64, why: &str) {
        self.state.lock().await.refusals.insert(conversation.to_owned(), (up_to, why.to_owned()));
    }

    /// A contact writes for the first time.
    pub(crate) async fn begin(&self, tenant: TenantId) -> String {
        let mut state = self.state.lock().await;
        let conversation = new();
        state.conversations.insert(conversation.id.clone(), conversation.clone());
        self.publish(tenant, "created", &conversation).await;
        conversation.id
    }

    /// A contact writes for the first time, and a person takes it before anybody hears of either.
    pub(crate) async fn begin_taken(&self, tenant: TenantId, user: &str) -> String {
        let mut state = self.state.lock().await;
        let mut conversation = new();
        self.publish(tenant, "created", &conversation).await;
        conversation.assignee = Some(user.to_owned());
        touch(&mut conversation);
        let id = conversation.id.clone();
        state.conversations.insert(id.clone(), conversation);
        id
    }

    /// A person changes a conversation, or its contact does.
    pub(crate) async fn change(&self, tenant: TenantId, id: &str, change: impl FnOnce(&mut Conversation)) {
        let mut state = self.state.lock().await;
        let conversation = state.conversations.get_mut(id).unwrap();
        change(conversation);
        touch(conversation);
        let shown = conversation.clone();
        self.publish(tenant, "updated", &shown).await;
        drop(state);
        self.changed.notify_waiters();
    }

    pub(crate) async fn assign_by_hand(&self, tenant: TenantId, id: &str, user: Option<&str>) {
        self.change(tenant, id, |conversation| conversation.assignee = user.map(str::to_owned)).await;
    }

    pub(crate) async fn set_status(&self, tenant: TenantId, id: &str, status: conversation::Status) {
        self.change(tenant, id, |conversation| conversation.status = status.into()).await;
    }

    /// The contact writes again.
    pub(crate) async fn write_again(&self, tenant: TenantId, id: &str) {
        let write = |conversation: &mut Conversation| {
            conversation.last_seq += 1;
            conversation.status = conversation::Status::Open.into();
        };
        self.change(tenant, id, write).await;
    }

    /// The contact writes a message, which is told of.
    pub(crate) async fn say(&self, tenant: TenantId, said: &Said) {
        let message = Message {
            id: id::new::<id::Message>().to_string(),
            conversation_id: said.conversation.clone(),
            channel_id: said.channel.clone(),
            seq: said.seq,
            direction: said.direction.into(),
            author: Some(Author { kind: said.by.into(), ..Author::default() }),
            created_at: Some(timestamp(said.at)),
            ..Message::default()
        };
        let data = json::encode(&MessageCreated { message: Some(message) }).unwrap();
        let event = event(tenant, "message", "created", &said.conversation, said.at, data);
        self.bus.publish(Stream::Events, event).await.unwrap();
    }

    /// Waits until so much was said by itself, and gives the texts.
    pub(crate) async fn wait_for_said(&self, count: usize) -> Vec<String> {
        let texts = |state: &State| state.said.iter().map(|said| said.text.clone()).collect::<Vec<_>>();
        self.wait(&format!("{count} said"), |state| (state.said.len() >= count).then(|| texts(state))).await
    }

    /// Tells of a conversation as it was shown once, with an id that the bus has not seen.
    pub(crate) async fn tell_again(&self, tenant: TenantId, shown: &Conversation) {
        self.publish(tenant, "updated", shown).await;
    }

    pub(crate) async fn look<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&*self.state.lock().await)
    }

    pub(crate) async fn assignee(&self, id: &str) -> Option<String> {
        self.look(|state| state.conversations[id].assignee.clone()).await
    }

    /// Waits until `look` finds what it wants.
    pub(crate) async fn wait<R>(&self, what: &str, look: impl Fn(&State) -> Option<R>) -> R {
        let found = async {
            loop {
                let mut changed = std::pin::pin!(self.changed.notified());
                changed.as_mut().enable();
                if let Some(found) = look(&*self.state.lock().await) {
                    return found;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    /// Waits until automation has assigned so many, and says to whom each went.
    pub(crate) async fn wait_for_assigned(&self, count: usize) -> Vec<(String, String)> {
        let enough = |state: &State| (state.assigned.len() >= count).then(|| state.assigned.clone());
        self.wait(&format!("{count} assigned"), enough).await
    }

    async fn publish(&self, tenant: TenantId, change: &str, conversation: &Conversation) {
        let shown = Some(conversation.clone());
        let data = match change {
            "created" => json::encode(&ConversationCreated { conversation: shown }),
            _ => json::encode(&ConversationUpdated { conversation: shown }),
        };
        let event = event(tenant, "conversation", change, &conversation.id, Utc::now(), data.unwrap());
        self.bus.publish(Stream::Events, event).await.unwrap();
    }

    async fn carry_out(&self, request: AssignRequest) -> AssignResponse {
        let tenant = id::parse("tenant_id", &request.tenant_id).unwrap();
        let mut state = self.state.lock().await;
        if let Some(answer) = state.decisions.get(&request.decision_id) {
            return answer.clone();
        }
        let conversation = state.conversations.get_mut(&request.conversation_id).unwrap();
        let done = [conversation::Status::Resolved, conversation::Status::Closed];
        let assigned = conversation.assignee.is_none() && !done.contains(&conversation.status());
        if assigned {
            conversation.assignee = Some(request.user_id.clone());
            touch(conversation);
        }
        let shown = conversation.clone();
        let answer = AssignResponse { assigned, conversation: Some(shown.clone()) };
        state.decisions.insert(request.decision_id, answer.clone());
        if assigned {
            state.assigned.push((request.conversation_id, request.user_id));
            self.publish(tenant, "updated", &shown).await;
        }
        answer
    }
}

#[tonic::async_trait]
impl Assignments for Talks {
    async fn assign(&self, request: Request<AssignRequest>) -> Result<Response<AssignResponse>, Status> {
        let (_, request) = accept_service(request)?;
        let fault = {
            let mut state = self.state.lock().await;
            state.asked += 1;
            state.fault
        };
        self.changed.notify_waiters();
        let answer = match fault {
            Fault::Hang => std::future::pending().await,
            Fault::Down => Err(()),
            Fault::None => Ok(self.carry_out(request).await),
            Fault::Mute => {
                self.carry_out(request).await;
                Err(())
            }
        };
        self.changed.notify_waiters();
        answer.map(Response::new).map_err(|()| status(Error::unavailable("service_unavailable")))
    }
}

#[tonic::async_trait]
impl AutomaticMessages for Talks {
    async fn check_automatic_message(
        &self,
        request: Request<CheckAutomaticMessageRequest>,
    ) -> Result<Response<()>, Status> {
        let (_, request) = accept_service(request)?;
        if request.text.contains("{{ nobody") {
            let error =
                Error::invalid("invalid_variables", "line 1: there is no `nobody`").with_field("text");
            return Err(status(error));
        }
        Ok(Response::new(()))
    }

    async fn send_automatic_message(
        &self,
        request: Request<SendAutomaticMessageRequest>,
    ) -> Result<Response<SendAutomaticMessageResponse>, Status> {
        let (_, request) = accept_service(request)?;
        let mut state = self.state.lock().await;
        state.asked += 1;
        let fault = state.fault;
        let refusal = state.refusals.get(&request.conversation_id);
        let refused = refusal.filter(|(up_to, _)| request.answers_seq <= *up_to).map(|(_, why)| why.clone());
        let is_new = state.said.iter().all(|said| said.decision_id != request.decision_id);
        if fault != Fault::Down && refused.is_none() && is_new {
            state.said.push(request);
        }
        drop(state);
        self.changed.notify_waiters();
        match fault {
            Fault::Hang => std::future::pending().await,
            Fault::None => Ok(Response::new(SendAutomaticMessageResponse {
                refused: refused.unwrap_or_default(),
                message: None,
            })),
            Fault::Down | Fault::Mute => Err(status(Error::unavailable("service_unavailable"))),
        }
    }
}

/// What somebody writes.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) conversation: String,
    pub(crate) channel: String,
    pub(crate) seq: u64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) by: author::Kind,
    pub(crate) direction: message::Direction,
}

impl Said {
    /// A contact's first words, somewhere.
    pub(crate) fn first(at: DateTime<Utc>) -> Self {
        Self {
            conversation: id::new::<id::Conversation>().to_string(),
            channel: id::new::<id::Channel>().to_string(),
            seq: 1,
            at,
            by: author::Kind::Contact,
            direction: message::Direction::Inbound,
        }
    }

    /// The same contact's next words.
    pub(crate) fn next(&self, at: DateTime<Utc>) -> Self {
        Self { seq: self.seq + 1, at, ..self.clone() }
    }
}

fn new() -> Conversation {
    let now = Some(timestamp(Utc::now().trunc_subsecs(6)));
    Conversation {
        id: id::new::<id::Conversation>().to_string(),
        status: conversation::Status::Open.into(),
        last_seq: 1,
        waiting_since: now,
        created_at: now,
        updated_at: now,
        ..Conversation::default()
    }
}

/// Later than it was, however fast it goes.
fn touch(conversation: &mut Conversation) {
    let was = conversation.updated_at.as_ref().and_then(time).unwrap();
    let now = Utc::now().trunc_subsecs(6).max(was + TimeDelta::microseconds(1));
    conversation.updated_at = Some(timestamp(now));
}

/// An event that the bus has not seen.
pub(crate) fn event(
    tenant: TenantId,
    entity: &str,
    change: &str,
    key: &str,
    time: DateTime<Utc>,
    data: impl Into<Vec<u8>>,
) -> Event {
    Event {
        id: id::new::<id::Event>().to_string(),
        kind: format!("weft.v1.{entity}.{change}"),
        source: "/test".into(),
        subject: format!("weft.events.{tenant}.{entity}.{change}"),
        key: key.to_owned(),
        tenant: Some(tenant.to_string()),
        time,
        traceparent: None,
        tracestate: None,
        data: data.into().into(),
    }
}
