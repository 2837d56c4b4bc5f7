//! What the reader knows of the services' APIs: names on the wire, shapes, tokens of pages, endpoints.
//!
//! The models are made by `cargo xtask models`; the vocabulary is botocore's, which is Smithy's before version 2:
//! <https://github.com/boto/botocore/tree/develop/botocore/data>.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

static PACKED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/models.rs"));

/// How requests and responses look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// JSON in both directions, the operation in a header.
    Json,
    /// JSON, with parts of the request in path, query and headers.
    RestJson,
    /// A form, answered in XML.
    Query,
    /// A form in EC2's own spelling, answered in XML.
    Ec2,
    /// XML, with parts of the request in path, query and headers.
    RestXml,
}

/// One service.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Its name, as in `call: name:Operation`.
    pub service: String,
    /// Its protocol.
    pub protocol: Protocol,
    /// The version that forms name.
    pub api_version: String,
    /// The first part of its hosts.
    pub endpoint_prefix: String,
    /// The name that requests are signed for.
    pub signing_name: String,
    /// The prefix of its actions in policies.
    pub iam_prefix: String,
    /// The name behind `AWS_ENDPOINT_URL_…`.
    pub service_id: String,
    /// `1.0` or `1.1`, of a JSON protocol.
    pub json_version: Option<String>,
    /// What stands before the operation in the header of a JSON protocol.
    pub target_prefix: Option<String>,
    /// It came from forms, and gives its errors their old codes if it is asked to.
    #[serde(default)]
    pub query_compatible: bool,
    /// The operations that rows use.
    pub operations: BTreeMap<String, Operation>,
    /// The shapes that these need.
    pub shapes: BTreeMap<String, Shape>,
    /// Where it is reached, by partition.
    pub endpoints: BTreeMap<String, Endpoints>,
}

/// One operation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// The HTTP method.
    pub method: String,
    /// The path, with `{member}` fields.
    pub uri: String,
    /// The shape of its parameters.
    pub input: Option<String>,
    /// The shape of its answer.
    pub output: Option<String>,
    /// The element that an answer in XML stands in.
    pub wrapper: Option<String>,
    /// What stands before the host, with `{member}` fields.
    pub host_prefix: Option<String>,
    /// The request has to have a checksum of its body.
    #[serde(default)]
    pub checksum: bool,
    /// How its pages follow each other.
    pub page: Option<Page>,
}

/// How the pages of an operation follow each other.
#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    /// The parameters that take the token.
    pub input_token: Several,
    /// Where the answer has it.
    pub output_token: Several,
    /// The lists that continue.
    pub result_key: Option<Several>,
    /// Where the answer says that there is more.
    pub more_results: Option<String>,
}

/// One text or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Several {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Several {
    /// All of them.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

/// The kind of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Named members.
    Structure,
    /// Many of one shape.
    List,
    /// Keys and values.
    Map,
    /// Text.
    String,
    /// Text, one character.
    Character,
    /// Bytes, in base64.
    Blob,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A whole number.
    Long,
    /// A number.
    Float,
    /// A number.
    Double,
    /// A point in time.
    Timestamp,
}

/// A shape.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shape {
    /// Its kind.
    pub r#type: Type,
    /// Its name on the wire where a use of it does not say another.
    pub location_name: Option<String>,
    /// The members of a structure.
    #[serde(default)]
    pub members: BTreeMap<String, Member>,
    /// What a list is of.
    pub member: Option<Member>,
    /// The keys of a map.
    pub key: Option<Member>,
    /// The values of a map.
    pub value: Option<Member>,
    /// The member that is the whole body.
    pub payload: Option<String>,
    /// Its elements stand among their owner's.
    #[serde(default)]
    pub flattened: bool,
    /// How a time is written.
    pub timestamp_format: Option<String>,
    /// Members that have to be given.
    #[serde(default)]
    pub required: Vec<String>,
    /// Free JSON.
    #[serde(default)]
    pub document: bool,
}

/// A use of a shape.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The shape.
    pub shape: String,
    /// Its name on the wire.
    pub location_name: Option<String>,
    /// Its name in EC2's forms.
    pub query_name: Option<String>,
    /// `header`, `headers`, `uri`, `querystring` or `statusCode`, where it is not in the body.
    pub location: Option<String>,
    /// Its elements stand among their owner's.
    #[serde(default)]
    pub flattened: bool,
    /// How a time is written.
    pub timestamp_format: Option<String>,
    /// It is an attribute in XML.
    #[serde(default)]
    pub xml_attribute: bool,
}

/// Where a service is reached in a partition.
#[derive(Debug, Default, Deserialize)]
pub struct Endpoints {
    /// The one endpoint for all regions.
    pub global: Option<GlobalEndpoint>,
    /// Hosts that do not follow the rule, by region.
    #[serde(default)]
    pub hosts: BTreeMap<String, String>,
    /// The regions that are known to have it; empty where nothing is known.
    #[serde(default)]
    pub regions: Vec<String>,
}

/// The endpoint of a service that has one a partition.
#[derive(Debug, Deserialize)]
pub struct GlobalEndpoint {
    /// Its host.
    pub host: String,
    /// The region that requests are signed for.
    pub region: String,
}

/// A partition.
#[derive(Debug, Clone, Deserialize)]
pub struct Partition {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    #[serde(default)]
    pub name: String,
    /// What hosts end with.
    pub suffix: String,
    /// The region that stands for all where it does not matter.
    pub home: String,
    /// Its regions, as far as they are known.
    pub regions: Vec<String>,
}

/// The models, each read when it is asked for first.
#[derive(Debug, Default)]
pub struct Models {
    services: Mutex<HashMap<String, Arc<Service>>>,
}

impl Service {
    /// The shape called `name`.
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    /// Has each use of a shape say what the shape says of itself, unless it says something else already.
    fn settle(&mut self) {
        let own = |shape: &Shape| (shape.location_name.clone(), shape.timestamp_format.clone());
        let known: HashMap<String, _> =
            self.shapes.iter().map(|(name, shape)| (name.clone(), own(shape))).collect();
        for shape in self.shapes.values_mut() {
            let parts = shape.members.values_mut();
            for part in parts.chain(&mut shape.member).chain(&mut shape.key).chain(&mut shape.value) {
                let Some((name, format)) = known.get(&part.shape) else { continue };
                part.location_name = part.location_name.take().or_else(|| name.clone());
                part.timestamp_format = part.timestamp_format.take().or_else(|| format.clone());
            }
        }
    }

    /// The shape of the parameters of `operation`.
    pub fn input(&self, operation: &Operation) -> Option<&Shape> {
        self.shape(operation.input.as_deref()?)
    }

    /// The shape of the answer of `operation`.
    pub fn output(&self, operation: &Operation) -> Option<&Shape> {
        self.shape(operation.output.as_deref()?)
    }
}

impl Models {
    /// The model of `service`; `None` where there is none.
    pub fn service(&self, service: &str) -> Option<Arc<Service>> {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = services.get(service) {
            return Some(Arc::clone(known));
        }
        let (_, text) = PACKED.iter().find(|(name, _)| *name == service)?;
        let mut model = serde_json::from_str::<Service>(text).ok()?;
        model.settle();
        let model = Arc::new(model);
        services.insert(service.to_owned(), Arc::clone(&model));
        Some(model)
    }

    /// Whether a service has one endpoint for all regions of the partition of `region`.
    pub fn is_global(&self, service: &str, region: &str) -> bool {
        let service = service.strip_prefix("code:").unwrap_or(service);
        let Some(model) = self.service(service) else { return false };
        let endpoints = partition_of(region).and_then(|partition| model.endpoints.get(&partition.name));
        endpoints.is_some_and(|endpoints| endpoints.global.is_some())
    }

    /// Whether a service is known not to be in a region.
    pub fn is_absent(&self, service: &str, region: &str) -> bool {
        let Some(model) = self.service(service) else { return false };
        let Some(partition) = partition_of(region) else { return false };
        // A region that is younger than the models is asked.
        partition.regions.iter().any(|known| known == region)
            && model.endpoints.get(&partition.name).is_some_and(|endpoints| {
                endpoints.global.is_none()
                    && !endpoints.regions.is_empty()
                    && !endpoints.regions.iter().any(|known| known == region)
            })
    }

    /// The names of all services.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PACKED.iter().map(|(name, _)| *name).filter(|name| *name != "partitions")
    }
}

/// Every partition.
pub fn partitions() -> Vec<Partition> {
    #[derive(Deserialize)]
    struct File {
        partitions: BTreeMap<String, Partition>,
    }
    let file = PACKED
        .iter()
        .find(|(name, _)| *name == "partitions")
        .and_then(|(_, text)| serde_json::from_str::<File>(text).ok());
    let partitions = file.map(|file| file.partitions).unwrap_or_default();
    partitions.into_iter().map(|(name, partition)| Partition { name, ..partition }).collect()
}

/// The partition that `region` belongs to: by its list of regions, or by the beginning of the name for a region that
/// is younger than this program.
pub fn partition_of(region: &str) -> Option<Partition> {
    let name = match region.split('-').next()? {
        "cn" => "aws-cn",
        "us" if region.starts_with("us-gov-") => "aws-us-gov",
        "us" if region.starts_with("us-iso") => return None,
        _ => "aws",
    };
    partitions().into_iter().find(|partition| partition.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_packed_model_can_be_read_and_is_whole() {
        let models = Models::default();
        let mut operations = 0;
        for name in Models::names() {
            let service = models.service(name).unwrap_or_else(|| panic!("{name} cannot be read"));
            for (name, operation) in &service.operations {
                operations += 1;
                for shape in operation.input.iter().chain(&operation.output) {
                    assert!(service.shape(shape).is_some(), "{name}: {shape}");
                }
            }
            for shape in service.shapes.values() {
                let parts = shape.members.values().chain(&shape.member).chain(&shape.key).chain(&shape.value);
                for part in parts {
                    assert!(service.shape(&part.shape).is_some(), "{name}: {}", part.shape);
                }
            }
        }
        assert!(operations >= 5, "{operations}");
    }

    #[test]
    fn a_use_of_a_shape_has_the_name_that_the_shape_gives_itself() {
        let service = Models::default().service("elasticache").unwrap();
        let member = &service.shape("PendingModifiedValues").unwrap().members["LogDeliveryConfigurations"];
        assert_eq!(member.location_name.as_deref(), Some("PendingLogDeliveryConfiguration"));
    }

    #[test]
    fn a_region_tells_its_partition() {
        let name = |region: &str| partition_of(region).map(|partition| partition.name).unwrap_or_default();
        assert_eq!(name("eu-central-1"), "aws");
        assert_eq!(name("us-gov-west-1"), "aws-us-gov");
        assert_eq!(name("cn-north-1"), "aws-cn");
        assert_eq!(name("us-iso-east-1"), "");
    }
}
