use weft_runtime::TaskSet;

/// Runs the streams of an HTTP/2 connection where stopping waits for them.
#[derive(Clone)]
pub(crate) struct OnTaskSet(pub(crate) TaskSet);

impl<F> hyper::rt::Executor<F> for OnTaskSet
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        self.0.spawn("http stream", stream);
    }
}
