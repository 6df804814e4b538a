-- The records of a home of version 0.1.0, dumped by SQLite: a pipeline whose execution failed at its second step.
BEGIN TRANSACTION;
CREATE TABLE attempts (
    execution TEXT NOT NULL REFERENCES executions (id),
    step TEXT NOT NULL,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    reason TEXT,
    metadata TEXT,
    properties TEXT,
    cache_key TEXT,
    source TEXT,
    reuse TEXT,
    PRIMARY KEY (execution, step, number)
);
INSERT INTO "attempts" VALUES('zb38yukm1bc0','Copy',1,'Succeeded',1.79580359727545666695e+09,1.79580359780340838432e+09,NULL,'{"ProcessingJob": {"Arn": "arn:aws:sagemaker:us-east-1:000000000000:processing-job/pipelines-zb38yukm1bc0-Copy-53e6c922d0"}}','{"RoleArn": "arn:aws:iam::000000000000:role/any", "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}, "AppSpecification": {"ImageUri": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3", "ContainerEntrypoint": ["python3", "-c", "open(''/opt/ml/processing/out/copy.txt'', ''w'').write(open(''/opt/ml/processing/in/answer.txt'').read())"]}, "ProcessingInputs": [{"InputName": "in", "S3Input": {"S3Uri": "s3://bucket/in", "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}}], "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": {"S3Uri": "s3://bucket/out", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}}]}, "ProcessingJobName": "pipelines-zb38yukm1bc0-Copy-53e6c922d0", "ProcessingJobArn": "arn:aws:sagemaker:us-east-1:000000000000:processing-job/pipelines-zb38yukm1bc0-Copy-53e6c922d0", "ProcessingJobStatus": "Completed", "CreationTime": 1795803597.601632, "LastModifiedTime": 1795803597.8011236, "ProcessingStartTime": 1795803597.7350624, "ProcessingEndTime": 1795803597.8011236}','6182b4c4483c71861a897762fa77a15b572b1fdbd33b40ac19bea57cacd1185e',NULL,NULL);
INSERT INTO "attempts" VALUES('zb38yukm1bc0','Check',1,'Failed',1.795803597803627491e+09,1.79580359800247550011e+09,'AlgorithmError: it said nothing, exit code: 1','{"ProcessingJob": {"Arn": "arn:aws:sagemaker:us-east-1:000000000000:processing-job/pipelines-zb38yukm1bc0-Check-608e8c55b9"}}',NULL,'4004a17ef40d6a682de00eb68e3f9df747c3a448cd5946950ace2517a5440d61',NULL,NULL);
CREATE TABLE endpoint_metrics (
    endpoint TEXT NOT NULL,
    variant TEXT NOT NULL,
    container TEXT NOT NULL,
    minute INTEGER NOT NULL,
    invocations INTEGER NOT NULL,
    errors_4xx INTEGER NOT NULL,
    errors_5xx INTEGER NOT NULL,
    latency_sum_ms REAL NOT NULL,
    latency_min_ms REAL NOT NULL,
    latency_max_ms REAL NOT NULL,
    PRIMARY KEY (endpoint, variant, container, minute)
) WITHOUT ROWID;
CREATE TABLE executions (
    id TEXT PRIMARY KEY,
    pipeline TEXT NOT NULL,
    arn TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    asked INTEGER NOT NULL,
    definition TEXT NOT NULL,
    body TEXT NOT NULL,
    reason TEXT,
    created REAL NOT NULL,
    modified REAL NOT NULL
);
INSERT INTO "executions" VALUES('zb38yukm1bc0','pipeline','arn:aws:sagemaker:us-east-1:000000000000:pipeline/pipeline/execution/zb38yukm1bc0','Failed',0,'{"Version": "2020-12-01", "Parameters": [{"Name": "Input", "Type": "String", "DefaultValue": "s3://bucket/in"}], "Steps": [{"Name": "Copy", "Type": "Processing", "Arguments": {"RoleArn": "arn:aws:iam::000000000000:role/any", "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}, "AppSpecification": {"ImageUri": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3", "ContainerEntrypoint": ["python3", "-c", "open(''/opt/ml/processing/out/copy.txt'', ''w'').write(open(''/opt/ml/processing/in/answer.txt'').read())"]}, "ProcessingInputs": [{"InputName": "in", "S3Input": {"S3Uri": {"Get": "Parameters.Input"}, "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}}], "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": {"S3Uri": "s3://bucket/out", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}}]}}}, {"Name": "Check", "Type": "Processing", "Arguments": {"RoleArn": "arn:aws:iam::000000000000:role/any", "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}, "AppSpecification": {"ImageUri": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3", "ContainerEntrypoint": ["python3", "-c", "exit(open(''/opt/ml/processing/in/answer.txt'').read() != ''yes'')"]}, "ProcessingInputs": [{"InputName": "in", "S3Input": {"S3Uri": {"Get": "Parameters.Input"}, "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}}], "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": {"S3Uri": "s3://bucket/out", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}}]}}, "DependsOn": ["Copy"]}]}','{"PipelineExecutionDisplayName": "first", "ParallelismConfiguration": null, "RoleArn": "arn:aws:iam::000000000000:role/any", "CreatedBy": {"IamIdentity": {"Arn": "arn:aws:iam::000000000000:user/root", "PrincipalId": "AIDA4813494D137E1631"}}, "Parameters": [{"Name": "Input", "Value": "s3://bucket/in"}]}','step ''Check'' failed: AlgorithmError: it said nothing, exit code: 1',1.79580359703480958938e+09,1.79580359800268959998e+09);
CREATE TABLE objects (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    etag TEXT NOT NULL,
    headers TEXT NOT NULL,
    tags TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
INSERT INTO "objects" VALUES('bucket','in/answer.txt',2,1795803596836947403,'"7fa3b767c460b54a2be4d49030b349c7"','{"ContentType": "text/plain", "Metadata": {"of": "0.1.0"}}','{}');
CREATE TABLE parts (
    upload TEXT NOT NULL REFERENCES uploads (id),
    number INTEGER NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified REAL NOT NULL,
    PRIMARY KEY (upload, number)
);
CREATE TABLE resources (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    arn TEXT NOT NULL,
    status TEXT,
    body TEXT NOT NULL,
    created REAL NOT NULL,
    modified REAL NOT NULL,
    PRIMARY KEY (kind, name)
);
INSERT INTO "resources" VALUES('Pipeline','pipeline','arn:aws:sagemaker:us-east-1:000000000000:pipeline/pipeline',NULL,'{"PipelineName": "pipeline", "PipelineArn": "arn:aws:sagemaker:us-east-1:000000000000:pipeline/pipeline", "PipelineDisplayName": "pipeline", "PipelineStatus": "Active", "CreationTime": 1795803597.0236726, "LastModifiedTime": 1795803597.0236726, "CreatedBy": {"IamIdentity": {"Arn": "arn:aws:iam::000000000000:user/root", "PrincipalId": "AIDA4813494D137E1631"}}, "LastModifiedBy": {"IamIdentity": {"Arn": "arn:aws:iam::000000000000:user/root", "PrincipalId": "AIDA4813494D137E1631"}}, "RoleArn": "arn:aws:iam::000000000000:role/any", "PipelineDefinition": "{\"Version\": \"2020-12-01\", \"Parameters\": [{\"Name\": \"Input\", \"Type\": \"String\", \"DefaultValue\": \"s3://bucket/in\"}], \"Steps\": [{\"Name\": \"Copy\", \"Type\": \"Processing\", \"Arguments\": {\"RoleArn\": \"arn:aws:iam::000000000000:role/any\", \"ProcessingResources\": {\"ClusterConfig\": {\"InstanceType\": \"ml.m5.large\", \"InstanceCount\": 1, \"VolumeSizeInGB\": 1}}, \"AppSpecification\": {\"ImageUri\": \"683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3\", \"ContainerEntrypoint\": [\"python3\", \"-c\", \"open(''/opt/ml/processing/out/copy.txt'', ''w'').write(open(''/opt/ml/processing/in/answer.txt'').read())\"]}, \"ProcessingInputs\": [{\"InputName\": \"in\", \"S3Input\": {\"S3Uri\": {\"Get\": \"Parameters.Input\"}, \"LocalPath\": \"/opt/ml/processing/in\", \"S3DataType\": \"S3Prefix\", \"S3InputMode\": \"File\"}}], \"ProcessingOutputConfig\": {\"Outputs\": [{\"OutputName\": \"out\", \"S3Output\": {\"S3Uri\": \"s3://bucket/out\", \"LocalPath\": \"/opt/ml/processing/out\", \"S3UploadMode\": \"EndOfJob\"}}]}}}, {\"Name\": \"Check\", \"Type\": \"Processing\", \"Arguments\": {\"RoleArn\": \"arn:aws:iam::000000000000:role/any\", \"ProcessingResources\": {\"ClusterConfig\": {\"InstanceType\": \"ml.m5.large\", \"InstanceCount\": 1, \"VolumeSizeInGB\": 1}}, \"AppSpecification\": {\"ImageUri\": \"683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3\", \"ContainerEntrypoint\": [\"python3\", \"-c\", \"exit(open(''/opt/ml/processing/in/answer.txt'').read() != ''yes'')\"]}, \"ProcessingInputs\": [{\"InputName\": \"in\", \"S3Input\": {\"S3Uri\": {\"Get\": \"Parameters.Input\"}, \"LocalPath\": \"/opt/ml/processing/in\", \"S3DataType\": \"S3Prefix\", \"S3InputMode\": \"File\"}}], \"ProcessingOutputConfig\": {\"Outputs\": [{\"OutputName\": \"out\", \"S3Output\": {\"S3Uri\": \"s3://bucket/out\", \"LocalPath\": \"/opt/ml/processing/out\", \"S3UploadMode\": \"EndOfJob\"}}]}}, \"DependsOn\": [\"Copy\"]}]}"}',1.79580359702472305296e+09,1.79580359702472305296e+09);
INSERT INTO "resources" VALUES('ProcessingJob','pipelines-zb38yukm1bc0-Copy-53e6c922d0','arn:aws:sagemaker:us-east-1:000000000000:processing-job/pipelines-zb38yukm1bc0-Copy-53e6c922d0','Completed','{"RoleArn": "arn:aws:iam::000000000000:role/any", "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}, "AppSpecification": {"ImageUri": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3", "ContainerEntrypoint": ["python3", "-c", "open(''/opt/ml/processing/out/copy.txt'', ''w'').write(open(''/opt/ml/processing/in/answer.txt'').read())"]}, "ProcessingInputs": [{"InputName": "in", "S3Input": {"S3Uri": "s3://bucket/in", "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}}], "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": {"S3Uri": "s3://bucket/out", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}}]}, "ProcessingJobName": "pipelines-zb38yukm1bc0-Copy-53e6c922d0", "ProcessingJobArn": "arn:aws:sagemaker:us-east-1:000000000000:processing-job/pipelines-zb38yukm1bc0-Copy-53e6c922d0", "ProcessingJobStatus": "Completed", "CreationTime": 1795803597.601632, "LastModifiedTime": 1795803597.8011236, "ProcessingStartTime": 1795803597.7350624, "ProcessingEndTime": 1795803597.8011236}',1.7958035976060431004e+09,1.79580359780126929281e+09);
INSERT INTO "resources" VALUES('ProcessingJob','pipelines-zb38yukm1bc0-Check-608e8c55b9','arn:aws:sagemaker:us-east-1:000000000000:processing-job/pipelines-zb38yukm1bc0-Check-608e8c55b9','Failed','{"RoleArn": "arn:aws:iam::000000000000:role/any", "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}, "AppSpecification": {"ImageUri": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3", "ContainerEntrypoint": ["python3", "-c", "exit(open(''/opt/ml/processing/in/answer.txt'').read() != ''yes'')"]}, "ProcessingInputs": [{"InputName": "in", "S3Input": {"S3Uri": "s3://bucket/in", "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}}], "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": {"S3Uri": "s3://bucket/out", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}}]}, "ProcessingJobName": "pipelines-zb38yukm1bc0-Check-608e8c55b9", "ProcessingJobArn": "arn:aws:sagemaker:us-east-1:000000000000:processing-job/pipelines-zb38yukm1bc0-Check-608e8c55b9", "ProcessingJobStatus": "Failed", "CreationTime": 1795803597.8041856, "LastModifiedTime": 1795803597.998271, "ProcessingStartTime": 1795803597.93674, "ProcessingEndTime": 1795803597.998271, "FailureReason": "AlgorithmError: it said nothing, exit code: 1"}',1.79580359780456089973e+09,1.79580359799844551087e+09);
INSERT INTO "resources" VALUES('ModelPackageGroup','group','arn:aws:sagemaker:us-east-1:000000000000:model-package-group/group','Completed','{"ModelPackageGroupName": "group", "CreatedBy": {"IamIdentity": {"Arn": "arn:aws:iam::000000000000:user/root", "PrincipalId": "AIDA4813494D137E1631"}}, "LastVersion": 1}',1.7958035980788142681e+09,1.79580359808363437647e+09);
INSERT INTO "resources" VALUES('ModelPackage','group/1','arn:aws:sagemaker:us-east-1:000000000000:model-package/group/1','Completed','{"ModelApprovalStatus": "Approved", "ModelPackageGroupName": "group", "InferenceSpecification": {"Containers": [{"Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3", "ModelDataUrl": "s3://bucket/out/copy.txt"}], "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}, "ClientToken": "336b6557-26b0-4bbe-8a9f-4b68f513a2b9", "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []}, "CertifyForMarketplace": false, "ModelPackageVersion": 1, "CreatedBy": {"IamIdentity": {"Arn": "arn:aws:iam::000000000000:user/root", "PrincipalId": "AIDA4813494D137E1631"}}, "CustomerMetadataProperties": {}, "LastModifiedBy": {"IamIdentity": {"Arn": "arn:aws:iam::000000000000:user/root", "PrincipalId": "AIDA4813494D137E1631"}}}',1.79580359808375191691e+09,1.79580359808452677721e+09);
INSERT INTO "resources" VALUES('Model','model','arn:aws:sagemaker:us-east-1:000000000000:model/model',NULL,'{"ModelName": "model", "PrimaryContainer": {"Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3", "ModelDataUrl": "s3://bucket/out/copy.txt"}, "ExecutionRoleArn": "arn:aws:iam::000000000000:role/any", "CreatedBy": {"IamIdentity": {"Arn": "arn:aws:iam::000000000000:user/root", "PrincipalId": "AIDA4813494D137E1631"}}}',1.79580359808520770075e+09,1.79580359808520770075e+09);
INSERT INTO "resources" VALUES('EndpointConfig','config','arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/config',NULL,'{"EndpointConfigName": "config", "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "model", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}], "CreatedBy": {"IamIdentity": {"Arn": "arn:aws:iam::000000000000:user/root", "PrincipalId": "AIDA4813494D137E1631"}}}',1795803598.0981,1795803598.0981);
CREATE TABLE tags (
    arn TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
);
INSERT INTO "tags" VALUES('arn:aws:sagemaker:us-east-1:000000000000:pipeline/pipeline','of','0.1.0');
CREATE TABLE tokens (
    operation TEXT NOT NULL,
    token TEXT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (operation, token)
);
INSERT INTO "tokens" VALUES('CreatePipeline','1fd283fc-5af3-454b-aace-777d42e7aa65','d8905d2277eb70db9eefd51e5317a00f009fb44ada2368a49439aa1ce190a44a','arn:aws:sagemaker:us-east-1:000000000000:pipeline/pipeline');
INSERT INTO "tokens" VALUES('StartPipelineExecution','ad69d4dd-063b-4bba-93b8-2f6d91e72e8b','06107d615b50d98be8c6a09442bbc87cbec2c12b8e77f16c41447c3403e50a4a','arn:aws:sagemaker:us-east-1:000000000000:pipeline/pipeline/execution/zb38yukm1bc0');
CREATE TABLE transitions (
    id INTEGER PRIMARY KEY,
    execution TEXT NOT NULL,
    step TEXT,
    attempt INTEGER,
    before TEXT,
    after TEXT NOT NULL,
    time REAL NOT NULL,
    reason TEXT
);
INSERT INTO "transitions" VALUES(1,'zb38yukm1bc0',NULL,NULL,'Created','Executing',1.79580359727155423159e+09,NULL);
INSERT INTO "transitions" VALUES(2,'zb38yukm1bc0','Copy',1,NULL,'Starting',1.79580359727548027034e+09,NULL);
INSERT INTO "transitions" VALUES(3,'zb38yukm1bc0','Copy',1,'Starting','Executing',1.7958035976155693531e+09,NULL);
INSERT INTO "transitions" VALUES(4,'zb38yukm1bc0','Copy',1,'Executing','Succeeded',1.79580359780349135398e+09,NULL);
INSERT INTO "transitions" VALUES(5,'zb38yukm1bc0','Check',1,NULL,'Starting',1.79580359780363345151e+09,NULL);
INSERT INTO "transitions" VALUES(6,'zb38yukm1bc0','Check',1,'Starting','Executing',1795803597.81447,NULL);
INSERT INTO "transitions" VALUES(7,'zb38yukm1bc0','Check',1,'Executing','Failed',1.79580359800253176686e+09,'AlgorithmError: it said nothing, exit code: 1');
INSERT INTO "transitions" VALUES(8,'zb38yukm1bc0',NULL,NULL,'Executing','Failed',1.79580359800268959998e+09,'step ''Check'' failed: AlgorithmError: it said nothing, exit code: 1');
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    headers TEXT NOT NULL,
    tags TEXT NOT NULL,
    started REAL NOT NULL
);
CREATE INDEX resources_by_arn ON resources (arn);
CREATE INDEX resources_by_time ON resources (kind, created DESC);
CREATE INDEX uploads_by_key ON uploads (bucket, key);
CREATE INDEX executions_by_pipeline ON executions (pipeline, created DESC);
CREATE INDEX attempts_by_cache_key ON attempts (cache_key, ended DESC) WHERE cache_key IS NOT NULL;
CREATE INDEX transitions_by_execution ON transitions (execution, id);
COMMIT;
PRAGMA user_version=1803716442;
