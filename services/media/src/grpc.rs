use std::sync::Arc;

use tonic::service::Routes;
use weft_proto::media::v1::{file_transfer_server::FileTransferServer, files_server::FilesServer};

use crate::app::Media;

mod file_transfer;
mod files;

/// The methods of this service.
pub(crate) fn routes(media: &Arc<Media>) -> Routes {
    Routes::new(FilesServer::new(files::FilesApi(Arc::clone(media))))
        .add_service(FileTransferServer::new(file_transfer::FileTransferApi(Arc::clone(media))))
}
