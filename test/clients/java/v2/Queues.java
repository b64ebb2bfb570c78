import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.PurgeQueueInProgressException;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/** The scenario of queues. Each step builds on those before it. */
final class Queues {
  static final String UNICODE = "żółw 🐢 \t\n\r & <\"quoted\">";
  static final int LARGEST_BYTES = 1024 * 1024;
  static final Map<String, MessageAttributeValue> ATTRIBUTES =
      Map.of(
          "text", MessageAttributeValue.builder().dataType("String").stringValue(UNICODE).build(),
          "trace.number", MessageAttributeValue.builder().dataType("Number.float").stringValue("-1.50").build(),
          "trace.bytes", MessageAttributeValue.builder().dataType("Binary").binaryValue(SdkBytes.fromByteArray(everyByte())).build());

  private final Tally tally;
  private final SqsClient sqs;
  private final String prefix = "java2-" + ProcessHandle.current().pid() + "-";
  private final String name = prefix + "orders";
  private final String url;

  Queues(Tally tally, SqsClient sqs) {
    this.tally = tally;
    this.sqs = sqs;
    Map<QueueAttributeName, String> attributes = Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "30");
    this.url = sqs.createQueue(queue -> queue.queueName(name).attributes(attributes).tags(Map.of("team", "photos"))).queueUrl();
  }

  void run() {
    queues();
    messages();
    visibility();
    batches();
    new Refusals(tally, sqs, name, url).run();
    new Fifo(tally, sqs).run();
    new DeadLetters(tally, sqs).run();
  }

  private void queues() {
    tally.step(
        "a queue is found by its name, and created again as it is",
        () -> {
          Tally.same(sqs.getQueueUrl(queue -> queue.queueName(name)).queueUrl(), url);
          Map<QueueAttributeName, String> attributes = Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "30");
          Tally.same(sqs.createQueue(queue -> queue.queueName(name).attributes(attributes)).queueUrl(), url);
        });
    tally.step(
        "attributes are read and set",
        () -> {
          sqs.setQueueAttributes(queue -> queue.queueUrl(url).attributes(Map.of(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "3600")));
          Map<QueueAttributeName, String> attributes = attributes(QueueAttributeName.ALL);
          Tally.same(attributes.get(QueueAttributeName.VISIBILITY_TIMEOUT), "30");
          Tally.same(attributes.get(QueueAttributeName.MESSAGE_RETENTION_PERIOD), "3600");
          String arn = attributes.get(QueueAttributeName.QUEUE_ARN);
          Tally.holds(arn.matches("arn:aws:sqs:us-east-1:\\d{12}:" + name), arn + " is the queue's ARN");
        });
    tally.step(
        "tags are read, added and removed",
        () -> {
          sqs.tagQueue(queue -> queue.queueUrl(url).tags(Map.of("größe", "groß")));
          Tally.same(sqs.listQueueTags(queue -> queue.queueUrl(url)).tags(), Map.of("team", "photos", "größe", "groß"));
          sqs.untagQueue(queue -> queue.queueUrl(url).tagKeys("team"));
          Tally.same(sqs.listQueueTags(queue -> queue.queueUrl(url)).tags(), Map.of("größe", "groß"));
        });
    tally.step(
        "queues are listed by prefix, page by page",
        () -> {
          TreeSet<String> urls = new TreeSet<>();
          for (int number = 0; number < 5; number++) {
            String listed = prefix + "listed-" + number;
            urls.add(sqs.createQueue(queue -> queue.queueName(listed)).queueUrl());
          }
          TreeSet<String> found = new TreeSet<>();
          sqs.listQueuesPaginator(queues -> queues.queueNamePrefix(prefix + "listed-").maxResults(2)).queueUrls().forEach(found::add);
          Tally.same(found, urls);
        });
    tally.step(
        "a deleted queue does not exist",
        () -> {
          String deleted = sqs.createQueue(queue -> queue.queueName(prefix + "deleted")).queueUrl();
          sqs.deleteQueue(queue -> queue.queueUrl(deleted));
          Exception refusal = Tally.failureOf(() -> sqs.sendMessage(message -> message.queueUrl(deleted).messageBody("late")));
          Tally.holds(refusal instanceof QueueDoesNotExistException, refusal + " says that the queue does not exist");
        });
  }

  private void messages() {
    tally.step(
        "a message arrives as it was sent, with attributes of all types and their digests",
        () -> {
          SendMessageResponse sent = send(message -> message.messageBody(UNICODE).messageAttributes(ATTRIBUTES));
          Tally.same(sent.md5OfMessageBody(), Tally.digest("MD5", UNICODE));
          Message message = one(receive -> receive.messageAttributeNames("All").attributeNames(QueueAttributeName.ALL));
          Tally.same(message.messageId(), sent.messageId());
          Tally.same(message.body(), UNICODE);
          Tally.same(message.md5OfMessageAttributes(), sent.md5OfMessageAttributes());
          Tally.same(message.messageAttributes(), ATTRIBUTES);
          Tally.same(message.attributesAsStrings().get("ApproximateReceiveCount"), "1");
          delete(message);
        });
    tally.step(
        "only the attributes that are asked for come",
        () -> {
          send(message -> message.messageBody("filtered").messageAttributes(ATTRIBUTES));
          Message message = one(receive -> receive.messageAttributeNames("trace.*").attributeNamesWithStrings("SentTimestamp"));
          Tally.same(new TreeSet<>(message.messageAttributes().keySet()), new TreeSet<>(List.of("trace.bytes", "trace.number")));
          Tally.same(message.attributesAsStrings().keySet(), java.util.Set.of("SentTimestamp"));
          delete(message);
        });
    tally.step(
        "the largest message arrives whole, however the client escapes it",
        () -> {
          String body = "<".repeat(LARGEST_BYTES);
          send(message -> message.messageBody(body));
          Message message = one(receive -> {});
          Tally.holds(message.body().equals(body), "the body is as it was sent");
          delete(message);
        });
    tally.step(
        "a message of a standard queue may have a group",
        () -> {
          send(message -> message.messageBody("grouped").messageGroupId("tenant"));
          Message message = one(receive -> receive.attributeNamesWithStrings("MessageGroupId"));
          Tally.same(message.attributesAsStrings(), Map.of("MessageGroupId", "tenant"));
          delete(message);
        });
    tally.step(
        "a long poll is answered when a message comes, or empty at its end",
        () -> {
          long began = System.nanoTime();
          CompletableFuture<Void> sender =
              CompletableFuture.runAsync(
                  () -> send(message -> message.messageBody("awaited")), CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
          Message message = one(receive -> receive.waitTimeSeconds(10));
          Tally.holds(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(5), "the poll was answered when the message came");
          Tally.same(message.body(), "awaited");
          sender.join();
          delete(message);
          Tally.same(receive(receive -> receive.waitTimeSeconds(1)), List.of());
        });
    tally.step(
        "a delayed message comes after its delay",
        () -> {
          send(message -> message.messageBody("delayed").delaySeconds(1));
          Tally.same(receive(receive -> {}), List.of());
          Message message = one(receive -> receive.waitTimeSeconds(10));
          Tally.same(message.body(), "delayed");
          delete(message);
        });
  }

  private void visibility() {
    tally.step(
        "a message that is given back comes again, counted",
        () -> {
          send(message -> message.messageBody("again"));
          Message first = one(receive -> {});
          Tally.same(receive(receive -> {}), List.of());
          sqs.changeMessageVisibility(change -> change.queueUrl(url).receiptHandle(first.receiptHandle()).visibilityTimeout(0));
          Message second = one(receive -> receive.attributeNamesWithStrings("ApproximateReceiveCount"));
          Tally.same(second.messageId(), first.messageId());
          Tally.same(second.attributesAsStrings(), Map.of("ApproximateReceiveCount", "2"));
          delete(second);
        });
    tally.step(
        "a message comes again when its visibility timeout is over",
        () -> {
          send(message -> message.messageBody("late"));
          Message first = one(receive -> receive.visibilityTimeout(1));
          Message second = one(receive -> receive.waitTimeSeconds(10));
          Tally.same(second.messageId(), first.messageId());
          delete(second);
        });
    tally.step(
        "several are given back at once, and one that cannot be is named",
        () -> {
          send(message -> message.messageBody("one"));
          Message message = one(receive -> {});
          var good = ChangeMessageVisibilityBatchRequestEntry.builder().id("good").receiptHandle(message.receiptHandle()).visibilityTimeout(0);
          var bad = ChangeMessageVisibilityBatchRequestEntry.builder().id("bad").receiptHandle("made up").visibilityTimeout(0);
          var answer = sqs.changeMessageVisibilityBatch(change -> change.queueUrl(url).entries(good.build(), bad.build()));
          Tally.same(answer.successful().stream().map(entry -> entry.id()).collect(toList()), List.of("good"));
          Tally.same(failures(answer.failed()), List.of("bad ReceiptHandleIsInvalid true"));
          delete(one(receive -> {}));
        });
  }

  private void batches() {
    tally.step(
        "ten messages are sent, received and deleted at once",
        () -> {
          List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
          for (int number = 0; number < 10; number++) {
            String body = UNICODE + " " + number;
            entries.add(SendMessageBatchRequestEntry.builder().id("" + number).messageBody(body).messageAttributes(ATTRIBUTES).build());
          }
          var sent = sqs.sendMessageBatch(batch -> batch.queueUrl(url).entries(entries));
          Tally.same(List.of(sent.successful().size(), sent.failed().size()), List.of(10, 0));
          List<Message> messages = receive(receive -> receive.maxNumberOfMessages(10).messageAttributeNames("All"));
          Tally.same(
              new TreeSet<>(messages.stream().map(Message::body).collect(toList())),
              new TreeSet<>(entries.stream().map(SendMessageBatchRequestEntry::messageBody).collect(toList())));
          List<DeleteMessageBatchRequestEntry> handles =
              IntStream.range(0, messages.size())
                  .mapToObj(at -> DeleteMessageBatchRequestEntry.builder().id("" + at).receiptHandle(messages.get(at).receiptHandle()).build())
                  .collect(toList());
          Tally.same(sqs.deleteMessageBatch(batch -> batch.queueUrl(url).entries(handles)).successful().size(), 10);
        });
    tally.step(
        "of a batch, what is wrong fails and the rest is sent",
        () -> {
          var good = SendMessageBatchRequestEntry.builder().id("good").messageBody("good").build();
          var forbidden = SendMessageBatchRequestEntry.builder().id("forbidden").messageBody("no \0 in XML").build();
          var delayed = SendMessageBatchRequestEntry.builder().id("delayed").messageBody("too long").delaySeconds(901).build();
          var answer = sqs.sendMessageBatch(batch -> batch.queueUrl(url).entries(good, forbidden, delayed));
          Tally.same(answer.successful().stream().map(entry -> entry.id()).collect(toList()), List.of("good"));
          Tally.same(failures(answer.failed()), List.of("delayed InvalidParameterValue true", "forbidden InvalidMessageContents true"));
        });
    tally.step(
        "a purge empties the queue, and another must wait",
        () -> {
          sqs.purgeQueue(purge -> purge.queueUrl(url));
          Tally.same(receive(receive -> {}), List.of());
          QueueAttributeName count = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
          Tally.same(attributes(count), Map.of(count, "0"));
          Exception refusal = Tally.failureOf(() -> sqs.purgeQueue(purge -> purge.queueUrl(url)));
          Tally.holds(refusal instanceof PurgeQueueInProgressException, refusal + " says that a purge is going on");
        });
  }

  private Map<QueueAttributeName, String> attributes(QueueAttributeName name) {
    return sqs.getQueueAttributes(queue -> queue.queueUrl(url).attributeNames(name)).attributes();
  }

  private SendMessageResponse send(Consumer<SendMessageRequest.Builder> message) {
    return sqs.sendMessage(message.andThen(builder -> builder.queueUrl(url)));
  }

  private List<Message> receive(Consumer<ReceiveMessageRequest.Builder> options) {
    return sqs.receiveMessage(options.andThen(builder -> builder.queueUrl(url))).messages();
  }

  private Message one(Consumer<ReceiveMessageRequest.Builder> options) {
    List<Message> messages = receive(options);
    Tally.same(messages.size(), 1);
    return messages.get(0);
  }

  private void delete(Message message) {
    sqs.deleteMessage(deletion -> deletion.queueUrl(url).receiptHandle(message.receiptHandle()));
  }

  private static List<String> failures(List<BatchResultErrorEntry> failed) {
    return failed.stream().map(entry -> entry.id() + " " + entry.code() + " " + entry.senderFault()).sorted().collect(toList());
  }

  private static byte[] everyByte() {
    byte[] bytes = new byte[256];
    for (int value = 0; value < bytes.length; value++) bytes[value] = (byte) value;
    return bytes;
  }
}
