use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status, Streaming, service::Routes};
use weft_domain::{ErrorCode, TenantId, id};
use weft_proto::media::v1::{
    DescribeFilesRequest, DescribeFilesResponse, File, HoldFilesRequest, HoldFilesResponse, ReadFilePart,
    ReadFileRequest, ReleaseFilesRequest, ReleaseFilesResponse, StoreFilePart,
    file_transfer_server::{FileTransfer, FileTransferServer},
    read_file_part, store_file_part,
};

/// What goes into one message.
const PART: usize = 64 * 1024;

/// The files of all tenants, as `media` would describe them.
#[derive(Clone, Default)]
pub(crate) struct Files(Arc<Inner>);

#[derive(Default)]
struct Inner {
    files: Mutex<HashMap<(String, String), File>>,
    bytes: Mutex<HashMap<String, Vec<u8>>>,
    by_key: Mutex<HashMap<String, File>>,
    holders: Mutex<HashMap<String, Vec<String>>>,
    /// What happens to those who read, one after another; all is well without.
    readings: Mutex<Vec<Reading>>,
    /// What is refused, the next time that it is asked for.
    refusals: Mutex<Vec<(Step, ErrorCode)>>,
}

/// What a keeper of files is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Store,
    Read,
    Hold,
    Release,
}

/// What happens to somebody who reads.
#[derive(Clone)]
pub(crate) enum Reading {
    /// After so many bytes it breaks off.
    BreaksOff(usize),
    /// After so many bytes the storage has a fault.
    Fails(usize),
    /// After so many bytes it waits to be let on.
    Waits(usize, Arc<Semaphore>),
}

impl Files {
    /// A new file of a tenant.
    pub(crate) fn add(&self, tenant: TenantId, name: &str, mime: &str) -> String {
        self.add_of_size(tenant, name, mime, 7)
    }

    /// The same of so many bytes.
    pub(crate) fn add_of_size(&self, tenant: TenantId, name: &str, mime: &str, size: u64) -> String {
        let id = id::new::<id::File>().to_string();
        let file = File { id: id.clone(), name: name.into(), mime: mime.into(), size, ..File::default() };
        self.0.files.lock().unwrap().insert((tenant.to_string(), id.clone()), file);
        id
    }

    /// A file is there no longer.
    pub(crate) fn remove(&self, tenant: TenantId, id: &str) {
        self.0.files.lock().unwrap().remove(&(tenant.to_string(), id.to_owned()));
    }

    /// A new file of a tenant with these bytes.
    pub(crate) fn add_csv(&self, tenant: TenantId, bytes: impl Into<Vec<u8>>) -> String {
        let bytes = bytes.into();
        let id = self.add_of_size(tenant, "contacts.csv", "text/csv", bytes.len().try_into().unwrap());
        self.0.bytes.lock().unwrap().insert(id.clone(), bytes);
        id
    }

    /// What is in a file.
    pub(crate) fn text(&self, id: &str) -> String {
        let bytes = self.0.bytes.lock().unwrap().get(id).cloned();
        String::from_utf8(bytes.unwrap()).unwrap()
    }

    /// What happens to the next ones who read, the first first.
    pub(crate) fn next_readings(&self, readings: impl IntoIterator<Item = Reading>) {
        self.0.readings.lock().unwrap().extend(readings);
    }

    /// How many of them have not read yet.
    pub(crate) fn readings_left(&self) -> usize {
        self.0.readings.lock().unwrap().len()
    }

    /// What is refused the next time, and how.
    pub(crate) fn refuse_next(&self, step: Step, code: ErrorCode) {
        self.0.refusals.lock().unwrap().push((step, code));
    }

    /// Whether everything was refused that was to be.
    pub(crate) fn has_refused(&self) -> bool {
        self.0.refusals.lock().unwrap().is_empty()
    }

    fn may(&self, step: Step) -> Result<(), Status> {
        let mut refusals = self.0.refusals.lock().unwrap();
        let Some(at) = refusals.iter().position(|(refused, _)| *refused == step) else { return Ok(()) };
        let (_, code) = refusals.remove(at);
        Err(weft_rpc::status(weft_domain::Error::new(code, "refused", "this is refused once")))
    }

    /// Whether something needs a file.
    pub(crate) fn is_held(&self, id: &str) -> bool {
        self.0.holders.lock().unwrap().values().flatten().any(|held| held == id)
    }

    /// Whether anything needs a file at all.
    pub(crate) fn holds_any(&self) -> bool {
        !self.0.holders.lock().unwrap().is_empty()
    }

    pub(crate) fn routes(&self) -> Routes {
        Routes::new(FileTransferServer::new(self.clone()))
    }
}

#[tonic::async_trait]
impl FileTransfer for Files {
    type ReadFileStream = BoxStream<'static, Result<ReadFilePart, Status>>;

    async fn store_file(&self, request: Request<Streaming<StoreFilePart>>) -> Result<Response<File>, Status> {
        let mut parts = request.into_inner();
        let (mut head, mut bytes, mut is_whole) = (None, Vec::new(), false);
        if let Some(StoreFilePart { part: Some(store_file_part::Part::Head(first)) }) =
            parts.message().await?
        {
            if let Some(file) = self.0.by_key.lock().unwrap().get(&first.key) {
                return Ok(weft_rpc::reply(file.clone(), true));
            }
            head = Some(first);
        }
        while let Some(part) = parts.message().await? {
            match part.part {
                Some(store_file_part::Part::Data(data)) => bytes.extend(data),
                Some(store_file_part::Part::End(end)) => is_whole = end.size == bytes.len() as u64,
                Some(store_file_part::Part::Head(_)) | None => {}
            }
        }
        let head = head.unwrap();
        if !is_whole {
            return Err(weft_rpc::status(weft_domain::Error::unavailable("file_cut_off")));
        }
        self.may(Step::Store)?;
        let id = self.add_csv(head.tenant_id.parse().unwrap(), bytes);
        let file = self.0.files.lock().unwrap().get(&(head.tenant_id, id)).cloned().unwrap();
        self.0.by_key.lock().unwrap().insert(head.key, file.clone());
        Ok(Response::new(file))
    }

    async fn read_file(
        &self,
        request: Request<ReadFileRequest>,
    ) -> Result<Response<Self::ReadFileStream>, Status> {
        let (_, request) = weft_rpc::accept_service(request)?;
        self.may(Step::Read)?;
        let key = (request.tenant_id, request.id);
        let file = self.0.files.lock().unwrap().get(&key).cloned();
        let missing = || weft_rpc::status(weft_domain::Error::not_found("file"));
        let file = file.ok_or_else(missing)?;
        let bytes = self.0.bytes.lock().unwrap().get(&key.1).cloned().ok_or_else(missing)?;
        let mut readings = self.0.readings.lock().unwrap();
        let reading = (!readings.is_empty()).then(|| readings.remove(0));
        let head = ReadFilePart { part: Some(read_file_part::Part::Head(file)) };
        let parts: Vec<Vec<u8>> = bytes.chunks(PART).map(<[u8]>::to_vec).collect();
        let rest = stream::iter(parts.into_iter().enumerate()).then(move |(index, part)| {
            let reading = reading.clone();
            async move {
                match reading {
                    Some(Reading::BreaksOff(at)) if index * PART >= at => {
                        return Err(weft_rpc::status(weft_domain::Error::unavailable("file_cut_off")));
                    }
                    Some(Reading::Fails(at)) if index * PART >= at => {
                        return Err(weft_rpc::status(weft_domain::Error::internal("a fault of the storage")));
                    }
                    Some(Reading::Waits(at, on)) if index * PART >= at => {
                        drop(on.acquire().await.unwrap());
                    }
                    _ => {}
                }
                Ok(ReadFilePart { part: Some(read_file_part::Part::Data(part.into())) })
            }
        });
        Ok(Response::new(stream::once(std::future::ready(Ok(head))).chain(rest).boxed()))
    }

    async fn describe_files(
        &self,
        request: Request<DescribeFilesRequest>,
    ) -> Result<Response<DescribeFilesResponse>, Status> {
        let (_, request) = weft_rpc::accept_service(request)?;
        let files = self.0.files.lock().unwrap();
        let file = |id: &String| files.get(&(request.tenant_id.clone(), id.clone())).cloned();
        Ok(Response::new(DescribeFilesResponse { items: request.ids.iter().filter_map(file).collect() }))
    }

    async fn hold_files(
        &self,
        request: Request<HoldFilesRequest>,
    ) -> Result<Response<HoldFilesResponse>, Status> {
        let (_, request) = weft_rpc::accept_service(request)?;
        self.may(Step::Hold)?;
        self.0.holders.lock().unwrap().insert(request.holder, request.ids.clone());
        Ok(Response::new(HoldFilesResponse { ids: request.ids }))
    }

    async fn release_files(
        &self,
        request: Request<ReleaseFilesRequest>,
    ) -> Result<Response<ReleaseFilesResponse>, Status> {
        let (_, request) = weft_rpc::accept_service(request)?;
        self.may(Step::Release)?;
        let deleted_ids = self.0.holders.lock().unwrap().remove(&request.holder).unwrap_or_default();
        Ok(Response::new(ReleaseFilesResponse { deleted_ids }))
    }
}
