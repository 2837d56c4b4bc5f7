//! From parameters to a request, and from a response to a document, by a service's protocol.

mod error;
mod form;
mod json;
mod rest;
mod time;
mod xml;

use serde_json::{Map, Value};

pub use signed::Request;

use crate::model::{Operation, Protocol, Service, Shape};

pub(crate) use error::refusal;
pub(crate) use rest::fill;

/// A response, as far as it matters.
#[derive(Debug, Clone)]
pub struct Response<'a> {
    /// The status.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The body.
    pub body: &'a [u8],
}

impl Response<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// What cannot be put on the wire or read from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A parameter that the path needs.
    #[error("the parameter {0} is missing")]
    Missing(String),
    /// A body that is not what the protocol promises.
    #[error("the answer cannot be read: {0}")]
    Malformed(String),
}

/// What an answer without a body says: nothing, if there is nothing that it could say. A list that is not there is not an
/// empty list.
fn without_body(output: &Shape) -> Result<Value, WireError> {
    let silent = output.members.values().all(|member| member.location.is_some());
    if silent { Ok(Value::Object(Map::new())) } else { Err(WireError::Malformed("the body is empty".into())) }
}

/// The request for `operation` with `parameters`.
///
/// # Errors
/// When a parameter that the path needs is missing.
pub fn request(
    service: &Service,
    name: &str,
    operation: &Operation,
    parameters: &Value,
) -> Result<Request, WireError> {
    match service.protocol {
        Protocol::Json => Ok(json::request(service, name, operation, parameters)),
        Protocol::Query | Protocol::Ec2 => Ok(form::request(service, name, operation, parameters)),
        Protocol::RestJson | Protocol::RestXml => rest::request(service, operation, parameters),
    }
}

/// The document in a response of success, as the AWS CLI prints it.
///
/// # Errors
/// When the body is not what the protocol promises.
pub fn document(
    service: &Service,
    operation: &Operation,
    response: &Response<'_>,
) -> Result<Value, WireError> {
    let Some(output) = service.output(operation) else { return Ok(Value::Object(Map::new())) };
    match service.protocol {
        Protocol::Json => json::document(service, output, response.body),
        Protocol::Query => xml::wrapped(service, output, operation.wrapper.as_deref(), response.body),
        Protocol::Ec2 => xml::wrapped(service, output, None, response.body),
        Protocol::RestJson | Protocol::RestXml => rest::document(service, output, response),
    }
}
