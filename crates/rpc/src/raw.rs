use bytes::{Buf, BufMut, Bytes};
use tonic::{
    Request, Response, Status,
    client::Grpc,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::Channel,
};

/// Calls any method with an encoded request, and gives its encoded answer.
#[derive(Clone)]
pub struct RawClient {
    channel: Channel,
}

impl RawClient {
    /// Calls over this channel.
    pub fn new(channel: Channel) -> Self {
        Self { channel }
    }

    /// One call of the method at `path`.
    pub async fn call(
        &self,
        path: &'static str,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Status> {
        weft_telemetry::inject_grpc(request.metadata_mut());
        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        grpc.unary(request, http::uri::PathAndQuery::from_static(path), Raw).await
    }
}

struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;
    fn encoder(&mut self) -> Self {
        Self
    }
    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;
    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;
    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}
