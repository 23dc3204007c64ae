//! Small services of the fleet that tell what they were asked.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use tonic::{Request, Response, Status, service::Routes};
use weft_domain::{Error, ErrorCode, id};
use weft_proto::{
    conversation::v1::{
        AddReactionRequest, Conversation, DeleteMessageRequest, EditMessageRequest, GetConversationRequest,
        ListConversationsRequest, ListConversationsResponse, ListMessagesRequest, ListMessagesResponse,
        MarkConversationRequest, MarkReadRequest, Message, MoveConversationRequest, RemoveReactionRequest,
        ResolveMessageRequest, SendMessageRequest, SendTypingRequest, StartConversationRequest,
        UnmarkConversationRequest, UpdateConversationRequest, conversation,
        conversations_server::{Conversations, ConversationsServer},
        message,
        messages_server::{Messages, MessagesServer},
    },
    directory::v1::{
        ExchangeApiTokenRequest, GetKeysRequest, GetMeRequest, KeySet, LoginRequest, LogoutRequest, Me,
        RefreshRequest, RotateKeysRequest, Tokens,
        auth_server::{Auth, AuthServer},
    },
};
use weft_rpc::{accept, reply, status};

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) fn conversation() -> Routes {
    Routes::new(ConversationsServer::new(Talks)).add_service(MessagesServer::new(Sent::default()))
}

pub(crate) fn directory(exchanged: Arc<Mutex<Vec<String>>>) -> Routes {
    Routes::new(AuthServer::new(People { exchanged }))
}

struct Talks;

#[tonic::async_trait]
impl Conversations for Talks {
    async fn list_conversations(
        &self,
        request: Request<ListConversationsRequest>,
    ) -> Result<Response<ListConversationsResponse>, Status> {
        let asked = format!("{:?}", request.into_inner());
        Ok(Response::new(ListConversationsResponse { items: vec![], next_page_token: asked }))
    }

    async fn get_conversation(
        &self,
        request: Request<GetConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        let address = request.metadata().get("x-weft-client-address").unwrap().to_str().unwrap().to_owned();
        let call = accept(request)?;
        let error = match call.message.id.as_str() {
            "conv_missing" => Error::not_found("conversation"),
            "conv_taken" => Error::conflict("taken", "somebody else was first"),
            "conv_closed" => Error::precondition("closed", "open it first").with_field("status"),
            "conv_busy" => Error::throttled(Duration::from_millis(2500)),
            "conv_broken" => Error::internal("the secret cause"),
            "conv_away" => Error::unavailable("database"),
            "conv_large" => Error::new(ErrorCode::TooLarge, "too_large", "make it smaller"),
            "conv_slow" => return std::future::pending().await,
            other => {
                return Ok(reply(
                    Conversation {
                        id: other.to_owned(),
                        status: conversation::Status::Open.into(),
                        waiting_since: Some(prost_types::Timestamp {
                            seconds: 1_700_000_000,
                            nanos: 5_000_000,
                        }),
                        contact: Some(conversation::Party {
                            id: call.principal.tenant.to_string(),
                            name: address,
                        }),
                        ..Conversation::default()
                    },
                    false,
                ));
            }
        };
        Err(status(error))
    }

    async fn update_conversation(
        &self,
        request: Request<UpdateConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        let asked = format!("{:?}", request.into_inner());
        let contact = Some(conversation::Party { id: String::new(), name: asked });
        Ok(Response::new(Conversation { contact, ..Conversation::default() }))
    }

    async fn mark_conversation(
        &self,
        _request: Request<MarkConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn unmark_conversation(
        &self,
        _request: Request<UnmarkConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn mark_read(&self, request: Request<MarkReadRequest>) -> Result<Response<Conversation>, Status> {
        let last_seq = request.into_inner().seq.unwrap_or(77);
        Ok(Response::new(Conversation { last_seq, ..Conversation::default() }))
    }

    async fn send_typing(&self, _request: Request<SendTypingRequest>) -> Result<Response<()>, Status> {
        Ok(Response::new(()))
    }

    async fn start_conversation(
        &self,
        _request: Request<StartConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn move_conversation(
        &self,
        _request: Request<MoveConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }
}

#[derive(Default)]
struct Sent {
    keys: Mutex<HashSet<String>>,
}

#[tonic::async_trait]
impl Messages for Sent {
    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        let asked = format!("{:?}", request.into_inner());
        Ok(Response::new(ListMessagesResponse { items: vec![], next_page_token: asked }))
    }

    async fn send_message(&self, request: Request<SendMessageRequest>) -> Result<Response<Message>, Status> {
        let call = accept(request)?;
        let replayed = call.intent.idempotency.is_some_and(|key| !self.keys.lock().unwrap().insert(key.key));
        let message = Message {
            id: id::new::<id::Message>().to_string(),
            conversation_id: call.message.conversation_id,
            text: call.message.text,
            state: message::State::Queued.into(),
            ..Message::default()
        };
        Ok(reply(message, replayed))
    }

    async fn resolve_message(&self, _: Request<ResolveMessageRequest>) -> Result<Response<Message>, Status> {
        Ok(Response::new(Message::default()))
    }

    async fn edit_message(&self, _: Request<EditMessageRequest>) -> Result<Response<Message>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn delete_message(&self, _: Request<DeleteMessageRequest>) -> Result<Response<Message>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn add_reaction(&self, _: Request<AddReactionRequest>) -> Result<Response<Message>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn remove_reaction(&self, _: Request<RemoveReactionRequest>) -> Result<Response<Message>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }
}

struct People {
    exchanged: Arc<Mutex<Vec<String>>>,
}

fn tokens(refresh: &str) -> Response<Tokens> {
    Response::new(Tokens {
        access_token: "access".into(),
        refresh_token: refresh.into(),
        token_type: "Bearer".into(),
        expires_in: 600,
    })
}

#[tonic::async_trait]
impl Auth for People {
    async fn login(&self, request: Request<LoginRequest>) -> Result<Response<Tokens>, Status> {
        if request.into_inner().password != PASSWORD {
            return Err(status(Error::unauthenticated("wrong_password", "e-mail or password is wrong")));
        }
        Ok(tokens("first"))
    }

    async fn refresh(&self, request: Request<RefreshRequest>) -> Result<Response<Tokens>, Status> {
        Ok(tokens(&format!("after-{}", request.into_inner().refresh_token)))
    }

    async fn logout(&self, _: Request<LogoutRequest>) -> Result<Response<()>, Status> {
        Ok(Response::new(()))
    }

    async fn get_me(&self, _: Request<GetMeRequest>) -> Result<Response<Me>, Status> {
        Ok(Response::new(Me { permissions: vec!["profile.read".into()], ..Me::default() }))
    }

    async fn get_keys(&self, _: Request<GetKeysRequest>) -> Result<Response<KeySet>, Status> {
        Ok(Response::new(KeySet::default()))
    }

    async fn rotate_keys(&self, _: Request<RotateKeysRequest>) -> Result<Response<KeySet>, Status> {
        Ok(Response::new(KeySet::default()))
    }

    /// Knows one API token, for which it gives what the test has put aside.
    async fn exchange_api_token(
        &self,
        request: Request<ExchangeApiTokenRequest>,
    ) -> Result<Response<Tokens>, Status> {
        let access_token = match request.into_inner().token.as_str() {
            "weft_pat_known" => self.exchanged.lock().unwrap().last().cloned().unwrap(),
            _ => return Err(status(Error::unauthenticated("invalid_token", "no such token"))),
        };
        Ok(Response::new(Tokens { access_token, ..Tokens::default() }))
    }
}
