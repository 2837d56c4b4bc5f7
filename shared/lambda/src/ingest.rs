//! INGEST: the files of a trail, as notices name them.

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata as _};
use engine::ingest::{File, Named, files, messages};
use engine::intake::{Intake, Message, Taken};
use tokio::sync::mpsc;

use crate::batch::{Batch, BatchResponse};

/// So many messages of a file are read ahead while others are judged.
const AHEAD: usize = 4;

/// The function, once it has booted.
#[derive(Debug)]
pub struct Ingest {
    intake: Arc<Intake>,
    client: aws_sdk_s3::Client,
    /// Files of other buckets are nobody's word.
    bucket: String,
}

/// Why a file was not taken in.
#[derive(Debug, thiserror::Error)]
enum IngestError {
    /// It is not there any more, or never was: trying again cannot help.
    #[error("{0} is not there")]
    Gone(String),
    /// It cannot be read now.
    #[error("{0} cannot be read: {1}")]
    Unread(String, String),
    /// What was found cannot be kept now.
    #[error(transparent)]
    Store(#[from] engine::ports::StoreError),
}

impl Ingest {
    /// Judges and keeps through `intake` what is in files of `bucket`.
    pub fn new(intake: Intake, client: aws_sdk_s3::Client, bucket: String) -> Self {
        Self { intake: Arc::new(intake), client, bucket }
    }

    /// Takes in the files that a batch of notices names. Notices whose files could not be taken in are in the answer.
    ///
    /// # Errors
    /// When the payload is no batch of a queue.
    pub async fn handle(&self, payload: &[u8]) -> Result<BatchResponse, serde_json::Error> {
        let batch: Batch = serde_json::from_slice(payload)?;
        let mut response = BatchResponse::default();
        for message in batch.records {
            let Named::Files(files) = files(&message.body) else {
                tracing::warn!(message_id = message.message_id, "this is no notice of a file");
                response.fail(&message.message_id);
                continue;
            };
            for file in files.iter().filter(|file| self.is_ours(file)) {
                match self.file(file).await {
                    Ok(()) => {}
                    Err(error @ IngestError::Gone(_)) => tracing::error!(%error, "a file is passed over"),
                    Err(error) => {
                        tracing::warn!(%error, "a file could not be taken in and comes again");
                        response.fail(&message.message_id);
                        break;
                    }
                }
            }
        }
        Ok(response)
    }

    fn is_ours(&self, file: &File) -> bool {
        let is_ours = file.bucket == self.bucket;
        if !is_ours {
            tracing::warn!(bucket = file.bucket, "a notice names another bucket and is passed over");
        }
        is_ours
    }

    async fn file(&self, file: &File) -> Result<(), IngestError> {
        let name = format!("s3://{}/{}", file.bucket, file.key);
        let asked = self.client.get_object().bucket(&file.bucket).key(&file.key).send().await;
        let answer = asked.map_err(|error| match error.code() {
            Some("NoSuchKey") => IngestError::Gone(name.clone()),
            _ => IngestError::Unread(name.clone(), DisplayErrorContext(&error).to_string()),
        })?;
        // CloudTrail's files have at most 50 MB; what is in them is unpacked as it is read.
        let packed = answer.body.collect().await;
        let packed = packed.map_err(|error| IngestError::Unread(name.clone(), error.to_string()))?;
        let (hand, mut handed) = mpsc::channel::<Vec<u8>>(AHEAD);
        let source = name.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let mut packed = bytes::Buf::reader(packed);
            let input: &mut dyn Read = &mut packed;
            messages(input, &source, &mut |message| match hand.blocking_send(message) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        });
        let mut sum = Taken::default();
        while let Some(body) = handed.recv().await {
            let taken = self.intake.take(Message { body: &body, lane: &name }).await?;
            sum.records += taken.records;
            sum.problems += taken.problems;
            sum.sightings += taken.sightings;
            sum.new += taken.new;
        }
        let read = reading.await.map_err(|error| IngestError::Unread(name.clone(), error.to_string()))?;
        read.map_err(|error| IngestError::Unread(name.clone(), error.to_string()))?;
        tracing::info!(
            file = name,
            records = sum.records,
            problems = sum.problems,
            sightings = sum.sightings,
            new = sum.new,
            "taken in"
        );
        Ok(())
    }
}
