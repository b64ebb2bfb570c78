import com.amazon.sqs.javamessaging.AmazonSQSExtendedClient;
import com.amazon.sqs.javamessaging.ExtendedClientConfiguration;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.batchmanager.SqsAsyncBatchManager;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * What is built on the AWS SDK for Java v2: the Amazon SQS extended client, whose large bodies go through a bucket, and the SDK's
 * own automatic batching.
 */
final class Extended {
  private static final String LARGE = "<ż>".repeat(384 * 1024);

  public static void main(String[] arguments) throws Exception {
    Tally extended = new Tally("amazon-sqs-java-extended-client-lib", "2.1.2 with AWS SDK " + VersionInfo.SDK_VERSION, Main.protocol());
    large(extended);
    boolean good = extended.concluded();
    Tally batching = new Tally("AWS SDK for Java v2", VersionInfo.SDK_VERSION, Main.protocol());
    batched(batching);
    System.exit(batching.concluded() && good ? 0 : 1);
  }

  private static void large(Tally tally) {
    String name = "extended-java-" + ProcessHandle.current().pid();
    SqsClient plain = Main.builder().build();
    S3Client s3 =
        S3Client.builder().endpointOverride(URI.create(System.getenv("AWS_ENDPOINT_URL"))).region(Region.US_EAST_1).forcePathStyle(true).build();
    s3.createBucket(bucket -> bucket.bucket(name));
    String url = plain.createQueue(queue -> queue.queueName(name)).queueUrl();
    SqsClient sqs = new AmazonSQSExtendedClient(plain, new ExtendedClientConfiguration().withPayloadSupportEnabled(s3, name, true));
    tally.step(
        "a large body arrives whole, and goes with its message",
        () -> {
          sqs.sendMessage(message -> message.queueUrl(url).messageBody(LARGE));
          Tally.same(s3.listObjectsV2(list -> list.bucket(name)).keyCount(), 1);
          Message message = one(sqs, url);
          Tally.holds(message.body().equals(LARGE), "the body is as it was sent");
          sqs.deleteMessage(deletion -> deletion.queueUrl(url).receiptHandle(message.receiptHandle()));
          Tally.same(s3.listObjectsV2(list -> list.bucket(name)).keyCount(), 0);
        });
    tally.step(
        "a large message is given back and extended by its handle",
        () -> {
          sqs.sendMessage(message -> message.queueUrl(url).messageBody(LARGE));
          Message message = one(sqs, url);
          sqs.changeMessageVisibility(change -> change.queueUrl(url).receiptHandle(message.receiptHandle()).visibilityTimeout(600));
          Tally.same(sqs.receiveMessage(receive -> receive.queueUrl(url)).messages(), List.of());
          sqs.changeMessageVisibility(change -> change.queueUrl(url).receiptHandle(message.receiptHandle()).visibilityTimeout(0));
          Message again = one(sqs, url);
          sqs.deleteMessage(deletion -> deletion.queueUrl(url).receiptHandle(again.receiptHandle()));
        });
    tally.step(
        "a batch of large and small messages is sent, received and deleted",
        () -> {
          List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
          for (int number = 0; number < 10; number++)
            entries.add(SendMessageBatchRequestEntry.builder().id("" + number).messageBody((number % 3 == 0 ? LARGE : "small") + number).build());
          Tally.same(sqs.sendMessageBatch(batch -> batch.queueUrl(url).entries(entries)).successful().size(), 10);
          List<Message> messages = sqs.receiveMessage(receive -> receive.queueUrl(url).maxNumberOfMessages(10)).messages();
          TreeSet<String> bodies = new TreeSet<>(messages.stream().map(Message::body).collect(Collectors.toList()));
          TreeSet<String> sent = new TreeSet<>(entries.stream().map(SendMessageBatchRequestEntry::messageBody).collect(Collectors.toList()));
          Tally.holds(bodies.equals(sent), "the bodies are as they were sent");
          List<DeleteMessageBatchRequestEntry> handles = new ArrayList<>();
          for (Message message : messages)
            handles.add(DeleteMessageBatchRequestEntry.builder().id("" + handles.size()).receiptHandle(message.receiptHandle()).build());
          Tally.same(sqs.deleteMessageBatch(batch -> batch.queueUrl(url).entries(handles)).successful().size(), 10);
          Tally.same(s3.listObjectsV2(list -> list.bucket(name)).keyCount(), 0);
        });
  }

  private static void batched(Tally tally) {
    String url = Main.builder().build().createQueue(queue -> queue.queueName("batched-" + ProcessHandle.current().pid())).queueUrl();
    tally.step(
        "the SDK's own batching sends, receives and deletes",
        () -> {
          try (SqsAsyncClient client =
                  SqsAsyncClient.builder().endpointOverride(URI.create(System.getenv("AWS_ENDPOINT_URL"))).region(Region.US_EAST_1).build();
              SqsAsyncBatchManager batching = client.batchManager()) {
            List<CompletableFuture<?>> sending = new ArrayList<>();
            for (int number = 0; number < 25; number++) {
              String body = "batched " + number;
              sending.add(batching.sendMessage(message -> message.queueUrl(url).messageBody(body)));
            }
            sending.forEach(CompletableFuture::join);
            TreeSet<String> bodies = new TreeSet<>();
            for (int attempt = 0; attempt < 25 && bodies.size() < 25; attempt++) {
              for (Message message : batching.receiveMessage(receive -> receive.queueUrl(url).maxNumberOfMessages(10)).join().messages()) {
                bodies.add(message.body());
                batching.deleteMessage(deletion -> deletion.queueUrl(url).receiptHandle(message.receiptHandle())).join();
              }
            }
            Tally.same(bodies.size(), 25);
          }
        });
  }

  private static Message one(SqsClient sqs, String url) {
    List<Message> messages = sqs.receiveMessage(receive -> receive.queueUrl(url)).messages();
    Tally.same(messages.size(), 1);
    return messages.get(0);
  }
}
