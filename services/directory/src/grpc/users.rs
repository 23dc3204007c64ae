use tonic::{Request, Response, Status};
use weft_proto::directory::v1::{
    CreateUserRequest, GetUserRequest, ListUsersRequest, ListUsersResponse, UpdateUserRequest, User,
    users_server::Users,
};
use weft_rpc::{accept, reply, status};

use super::Methods;
use crate::app::{create_user, get_user, list_users, update_user};

#[tonic::async_trait]
impl Users for Methods {
    async fn create_user(&self, request: Request<CreateUserRequest>) -> Result<Response<User>, Status> {
        let call = accept(request)?;
        let intent = self.0.keyed(call.intent);
        let once = create_user::run(&self.0, &call.principal, call.message, &intent).await.map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }

    async fn list_users(
        &self,
        request: Request<ListUsersRequest>,
    ) -> Result<Response<ListUsersResponse>, Status> {
        let call = accept(request)?;
        let page = list_users::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(page))
    }

    async fn get_user(&self, request: Request<GetUserRequest>) -> Result<Response<User>, Status> {
        let call = accept(request)?;
        let user = get_user::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(user))
    }

    async fn update_user(&self, request: Request<UpdateUserRequest>) -> Result<Response<User>, Status> {
        let call = accept(request)?;
        let intent = self.0.keyed(call.intent);
        let once = update_user::run(&self.0, &call.principal, call.message, &intent).await.map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }
}
