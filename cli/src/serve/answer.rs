//! What is answered to whom.

use std::convert::Infallible;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HOST, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::{HeaderName, HeaderValue, Response, StatusCode};
use hyper::{Method, Request};
use report::html;

use super::snapshot::Snapshots;

/// What is served, and where.
pub(super) struct Site {
    pub(super) port: u16,
    pub(super) snapshots: Snapshots,
}

type Answer = Response<Full<Bytes>>;

impl Site {
    pub(super) async fn answer<B>(&self, request: &Request<B>) -> Result<Answer, Infallible> {
        Ok(hardened(self.answer_to(request).await))
    }

    async fn answer_to<B>(&self, request: &Request<B>) -> Answer {
        if !self.is_meant(request.headers().get(HOST)) {
            return said(StatusCode::FORBIDDEN, "this name does not belong to this address");
        }
        if request.method() != Method::GET {
            return with(said(StatusCode::METHOD_NOT_ALLOWED, "ask with GET"), ALLOW, "GET");
        }
        match request.uri().path() {
            "/" => {
                let policy = format!("{}{}", html::policy(), html::LIVE_POLICY_EXTRA);
                let page = of_type("text/html; charset=utf-8", html::live_page());
                with(page, CONTENT_SECURITY_POLICY, &policy)
            }
            "/data.json" => self.data(request.headers().get(IF_NONE_MATCH)).await,
            _ => said(StatusCode::NOT_FOUND, "there is the page at / and its data at /data.json"),
        }
    }

    /// Whether the request names this address, and no other that leads here.
    fn is_meant(&self, host: Option<&HeaderValue>) -> bool {
        let names = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{}", self.port));
        let host = host.and_then(|host| host.to_str().ok());
        host.is_some_and(|host| names.iter().any(|name| name.eq_ignore_ascii_case(host)))
    }

    async fn data(&self, known: Option<&HeaderValue>) -> Answer {
        let snapshot = match self.snapshots.newest().await {
            Ok(snapshot) => snapshot,
            Err(error) => return said(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        };
        if known.is_some_and(|known| known.as_bytes() == snapshot.version.as_bytes()) {
            return with(status(StatusCode::NOT_MODIFIED), ETAG, &snapshot.version);
        }
        with(of_type("application/json", snapshot.data.clone()), ETAG, &snapshot.version)
    }
}

fn status(code: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = code;
    answer
}

fn of_type(kind: &str, body: impl Into<Bytes>) -> Answer {
    with(Response::new(Full::new(body.into())), CONTENT_TYPE, kind)
}

fn said(code: StatusCode, text: &str) -> Answer {
    let mut answer = of_type("text/plain; charset=utf-8", format!("{text}\n"));
    *answer.status_mut() = code;
    answer
}

fn with(mut answer: Answer, name: HeaderName, value: &str) -> Answer {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
    answer
}

/// Nobody keeps an answer, guesses its type, or builds it into a page of their own.
fn hardened(answer: Answer) -> Answer {
    let answer = with(answer, CACHE_CONTROL, "no-store");
    let answer = with(answer, X_CONTENT_TYPE_OPTIONS, "nosniff");
    let answer = with(answer, REFERRER_POLICY, "no-referrer");
    with(answer, HeaderName::from_static("cross-origin-resource-policy"), "same-origin")
}
