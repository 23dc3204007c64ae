use tonic::{Request, Response, Status};
use weft_proto::compliance::v1::{
    ExportAuditLogRequest, ExportAuditLogResponse, ListAuditLogRequest, ListAuditLogResponse,
    ListCheckpointsRequest, ListCheckpointsResponse, audit_log_server::AuditLog,
};
use weft_rpc::{accept, status};

use super::Methods;
use crate::app::{export_audit_log, list_audit_log, list_checkpoints};

#[tonic::async_trait]
impl AuditLog for Methods {
    async fn list_audit_log(
        &self,
        request: Request<ListAuditLogRequest>,
    ) -> Result<Response<ListAuditLogResponse>, Status> {
        list_audit_log::run(&self.0, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn export_audit_log(
        &self,
        request: Request<ExportAuditLogRequest>,
    ) -> Result<Response<ExportAuditLogResponse>, Status> {
        export_audit_log::run(&self.0, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn list_checkpoints(
        &self,
        request: Request<ListCheckpointsRequest>,
    ) -> Result<Response<ListCheckpointsResponse>, Status> {
        list_checkpoints::run(&self.0, accept(request)?).await.map(Response::new).map_err(status)
    }
}
