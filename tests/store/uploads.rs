use crm_protocol::id::UploadId;
use crm_widgets::store::submissions::Accepted;
use crm_widgets::store::uploads::{FindUploads, GetUpload, Put, PutUpload, Upload};

use super::{NOW, submission};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    a_file_is_read_with_its_token_only,
    a_file_belongs_to_one_submission,
    a_site_has_a_quota_of_unsent_files,
);

pub fn upload(number: u128) -> PutUpload {
    let content = format!("file {number}").into_bytes();
    PutUpload {
        upload: Upload {
            id: UploadId::from_u128(number),
            site: "clinic".into(),
            form: "enquiry".into(),
            field: "scan".into(),
            name: "扫描.pdf".into(),
            media_type: "application/pdf".into(),
            size: content.len() as u64,
        },
        token_sha256: [7; 32],
        content,
        now: NOW,
        quota: 1_000,
    }
}

async fn a_file_is_read_with_its_token_only(database: Database) {
    let store = database.open().await;
    let put = upload(1);
    assert_eq!(store.run(put.clone()).await.unwrap(), Put::Stored);
    let get = GetUpload { id: put.upload.id, token_sha256: put.token_sha256 };
    assert_eq!(store.run(get.clone()).await.unwrap(), Some((put.upload.clone(), put.content)));
    assert_eq!(store.run(GetUpload { token_sha256: [8; 32], ..get.clone() }).await.unwrap(), None);
    assert_eq!(store.run(GetUpload { id: UploadId::from_u128(2), ..get }).await.unwrap(), None);
}

async fn a_file_belongs_to_one_submission(database: Database) {
    let store = database.open().await;
    let put = upload(1);
    let id = put.upload.id;
    store.run(put).await.unwrap();
    let find = FindUploads { site: "clinic".into(), form: "enquiry".into(), ids: vec![id] };
    assert_eq!(store.run(find.clone()).await.unwrap().len(), 1);
    let elsewhere = FindUploads { site: "dentist".into(), ..find.clone() };
    assert_eq!(store.run(elsewhere).await.unwrap(), []);

    let mut first = submission(1);
    first.uploads = vec![id];
    let mut other_site = submission(3);
    other_site.uploads = vec![id];
    other_site.submission.site = "dentist".into();
    assert_eq!(store.run(other_site).await.unwrap(), Accepted::UploadMissing(id));
    assert_eq!(store.run(first).await.unwrap(), Accepted::Stored);
    assert_eq!(store.run(find).await.unwrap(), []);

    let mut second = submission(2);
    second.uploads = vec![id];
    assert_eq!(store.run(second.clone()).await.unwrap(), Accepted::UploadMissing(id));
    // Nothing of the refused one stayed: without the file it is stored under the same key.
    second.uploads.clear();
    assert_eq!(store.run(second).await.unwrap(), Accepted::Stored);
}

async fn a_site_has_a_quota_of_unsent_files(database: Database) {
    let store = database.open().await;
    let (mut first, mut second) = (upload(1), upload(2));
    first.quota = 11;
    second.quota = 11;
    assert_eq!(store.run(first.clone()).await.unwrap(), Put::Stored);
    assert_eq!(store.run(second.clone()).await.unwrap(), Put::QuotaReached);
    let mut sent = submission(1);
    sent.uploads = vec![first.upload.id];
    store.run(sent).await.unwrap();
    assert_eq!(store.run(second).await.unwrap(), Put::Stored);
}
