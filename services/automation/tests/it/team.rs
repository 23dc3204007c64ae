//! A tenant with its people.

use chrono::{DateTime, Utc};
use tonic::{Request, Response, Status, transport::Channel};
use weft_auth::{Principal, Subject};
use weft_bus::Stream;
use weft_domain::{Result, Role, TenantId, id};
use weft_proto::{
    automation::v1::{
        Agent, AssignmentSettings, GetAssignmentSettingsRequest, GetMyAvailabilityRequest,
        GetStaffingRequest, GetStaffingResponse, ListAgentsRequest, ListAgentsResponse, UpdateAgentRequest,
        UpdateAssignmentSettingsRequest, UpdateMyAvailabilityRequest, agents_client::AgentsClient,
        assignment_client::AssignmentClient, availability_client::AvailabilityClient,
        staffing_client::StaffingClient,
    },
    directory::v1::User,
    events::v1::UserUpdated,
    json,
};

use weft_rpc::ClientAuth;

use crate::{rig::Rig, talks::event};

pub(crate) struct Team<'a> {
    pub(crate) rig: &'a Rig,
    pub(crate) id: TenantId,
    replica: usize,
}

impl Rig {
    /// A new tenant.
    pub(crate) fn team(&self) -> Team<'_> {
        Team { rig: self, id: id::new(), replica: 0 }
    }
}

impl<'a> Team<'a> {
    /// A tenant that is there already.
    pub(crate) fn of(rig: &'a Rig, id: TenantId) -> Self {
        Self { rig, id, replica: 0 }
    }
}

pub(crate) fn answer<T>(answer: std::result::Result<Response<T>, Status>) -> Result<T> {
    answer.map(Response::into_inner).map_err(|status| weft_rpc::error(&status))
}

impl Team<'_> {
    /// The same team, asking another replica.
    pub(crate) fn at(&self, replica: usize) -> Self {
        Self { replica, ..*self }
    }

    pub(crate) fn channel(&self) -> Channel {
        self.rig.replicas[self.replica].channel.clone()
    }

    pub(crate) fn signed<T>(&self, role: Role, user: &str, message: T) -> Request<T> {
        let subject = Subject::User(id::parse("user", user).unwrap(), id::new());
        let principal = Principal { tenant: self.id, subject, role, scopes: None, issued_at: Utc::now() };
        let token = self.rig.signer.sign(&principal).unwrap();
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }

    /// The directory tells of somebody of this tenant.
    pub(crate) async fn tell_user(&self, id: &str, disabled: bool, at: DateTime<Utc>) {
        let user = User {
            id: id.to_owned(),
            name: format!("name of {id}"),
            role: "agent".into(),
            disabled,
            ..User::default()
        };
        let data = json::encode(&UserUpdated { user: Some(user) }).unwrap();
        self.rig.bus.publish(Stream::Events, event(self.id, "user", "updated", id, at, data)).await.unwrap();
    }

    /// Somebody new who is available, and how many conversations they take.
    pub(crate) async fn agent(&self, capacity: u32) -> String {
        let user = id::new::<id::User>().to_string();
        self.tell_user(&user, false, Utc::now()).await;
        self.set(&user, "available", Some(capacity)).await;
        user
    }

    /// Somebody says of themselves whether they are available.
    pub(crate) async fn set(&self, user: &str, status: &str, capacity: Option<u32>) -> Agent {
        let request = UpdateMyAvailabilityRequest { status: Some(status.into()), capacity, note: None };
        self.update_mine(user, request).await.unwrap()
    }

    pub(crate) async fn update_mine(
        &self,
        user: &str,
        request: UpdateMyAvailabilityRequest,
    ) -> Result<Agent> {
        let mut client = AvailabilityClient::new(self.channel());
        answer(client.update_my_availability(self.signed(Role::Agent, user, request)).await)
    }

    pub(crate) async fn mine(&self, user: &str) -> Agent {
        let mut client = AvailabilityClient::new(self.channel());
        let request = self.signed(Role::Agent, user, GetMyAvailabilityRequest {});
        answer(client.get_my_availability(request).await).unwrap()
    }

    pub(crate) async fn update(&self, role: Role, request: UpdateAgentRequest) -> Result<Agent> {
        let caller = id::new::<id::User>().to_string();
        let mut client = AgentsClient::new(self.channel());
        answer(client.update_agent(self.signed(role, &caller, request)).await)
    }

    pub(crate) async fn list(&self, role: Role, request: ListAgentsRequest) -> Result<ListAgentsResponse> {
        let caller = id::new::<id::User>().to_string();
        let mut client = AgentsClient::new(self.channel());
        answer(client.list_agents(self.signed(role, &caller, request)).await)
    }

    /// How many are available, and how many away, as other services are told.
    pub(crate) async fn staffing(&self) -> (u32, u32) {
        let authority = self.rig.replicas[self.replica].authority.clone();
        let mut client = StaffingClient::new(ClientAuth::client(self.channel(), authority));
        let request = GetStaffingRequest { tenant_id: self.id.to_string() };
        let staffing = answer(client.get_staffing(request).await).unwrap();
        (staffing.available, staffing.away)
    }

    /// The same, asked by a user.
    pub(crate) async fn staffing_for(&self, user: &str) -> Result<GetStaffingResponse> {
        let request = GetStaffingRequest { tenant_id: self.id.to_string() };
        let mut client = StaffingClient::new(self.channel());
        answer(client.get_staffing(self.signed(Role::Admin, user, request)).await)
    }

    pub(crate) async fn switch(&self, role: Role, enabled: Option<bool>) -> Result<AssignmentSettings> {
        let caller = id::new::<id::User>().to_string();
        let mut client = AssignmentClient::new(self.channel());
        let request = UpdateAssignmentSettingsRequest { enabled };
        answer(client.update_assignment_settings(self.signed(role, &caller, request)).await)
    }

    pub(crate) async fn settings(&self, role: Role) -> Result<AssignmentSettings> {
        let caller = id::new::<id::User>().to_string();
        let mut client = AssignmentClient::new(self.channel());
        let request = self.signed(role, &caller, GetAssignmentSettingsRequest {});
        answer(client.get_assignment_settings(request).await)
    }
}
