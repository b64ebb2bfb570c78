import static java.util.stream.Collectors.toList;

import com.amazonaws.services.sqs.AmazonSQS;
import com.amazonaws.services.sqs.model.BatchResultErrorEntry;
import com.amazonaws.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import com.amazonaws.services.sqs.model.CreateQueueRequest;
import com.amazonaws.services.sqs.model.DeleteMessageBatchRequestEntry;
import com.amazonaws.services.sqs.model.ListQueuesRequest;
import com.amazonaws.services.sqs.model.ListQueuesResult;
import com.amazonaws.services.sqs.model.Message;
import com.amazonaws.services.sqs.model.MessageAttributeValue;
import com.amazonaws.services.sqs.model.PurgeQueueInProgressException;
import com.amazonaws.services.sqs.model.PurgeQueueRequest;
import com.amazonaws.services.sqs.model.QueueDoesNotExistException;
import com.amazonaws.services.sqs.model.ReceiveMessageRequest;
import com.amazonaws.services.sqs.model.SendMessageBatchRequestEntry;
import com.amazonaws.services.sqs.model.SendMessageRequest;
import com.amazonaws.services.sqs.model.SendMessageResult;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** The scenario of queues. Each step builds on those before it. */
final class Queues {
  private static final String UNICODE = "żółw 🐢 \t\n\r & <\"quoted\">";
  private static final int LARGEST_BYTES = 1024 * 1024;
  private static final Map<String, MessageAttributeValue> ATTRIBUTES =
      Map.of(
          "text", new MessageAttributeValue().withDataType("String").withStringValue(UNICODE),
          "trace.number", new MessageAttributeValue().withDataType("Number.float").withStringValue("-1.50"),
          "trace.bytes", new MessageAttributeValue().withDataType("Binary").withBinaryValue(everyByte()));

  private final Tally tally;
  private final AmazonSQS sqs;
  private final String prefix = "java1-" + ProcessHandle.current().pid() + "-";
  private final String name = prefix + "orders";
  private final String url;

  Queues(Tally tally, AmazonSQS sqs) {
    this.tally = tally;
    this.sqs = sqs;
    CreateQueueRequest queue = new CreateQueueRequest(name).addAttributesEntry("VisibilityTimeout", "30").addTagsEntry("team", "photos");
    this.url = sqs.createQueue(queue).getQueueUrl();
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
          Tally.same(sqs.getQueueUrl(name).getQueueUrl(), url);
          Tally.same(sqs.createQueue(new CreateQueueRequest(name).addAttributesEntry("VisibilityTimeout", "30")).getQueueUrl(), url);
        });
    tally.step(
        "attributes are read and set",
        () -> {
          sqs.setQueueAttributes(url, Map.of("MessageRetentionPeriod", "3600"));
          Map<String, String> attributes = sqs.getQueueAttributes(url, List.of("All")).getAttributes();
          Tally.same(attributes.get("VisibilityTimeout"), "30");
          Tally.same(attributes.get("MessageRetentionPeriod"), "3600");
          String arn = attributes.get("QueueArn");
          Tally.holds(arn.matches("arn:aws:sqs:us-east-1:\\d{12}:" + name), arn + " is the queue's ARN");
        });
    tally.step(
        "tags are read, added and removed",
        () -> {
          sqs.tagQueue(url, Map.of("größe", "groß"));
          Tally.same(sqs.listQueueTags(url).getTags(), Map.of("team", "photos", "größe", "groß"));
          sqs.untagQueue(url, List.of("team"));
          Tally.same(sqs.listQueueTags(url).getTags(), Map.of("größe", "groß"));
        });
    tally.step(
        "queues are listed by prefix, page by page",
        () -> {
          TreeSet<String> urls = new TreeSet<>();
          for (int number = 0; number < 5; number++) urls.add(sqs.createQueue(prefix + "listed-" + number).getQueueUrl());
          TreeSet<String> found = new TreeSet<>();
          ListQueuesRequest request = new ListQueuesRequest(prefix + "listed-").withMaxResults(2);
          do {
            ListQueuesResult page = sqs.listQueues(request);
            found.addAll(page.getQueueUrls());
            request.setNextToken(page.getNextToken());
          } while (request.getNextToken() != null);
          Tally.same(found, urls);
        });
    tally.step(
        "a deleted queue does not exist",
        () -> {
          String deleted = sqs.createQueue(prefix + "deleted").getQueueUrl();
          sqs.deleteQueue(deleted);
          Exception refusal = Tally.failureOf(() -> sqs.sendMessage(deleted, "late"));
          Tally.holds(refusal instanceof QueueDoesNotExistException, refusal + " says that the queue does not exist");
        });
  }

  private void messages() {
    tally.step(
        "a message arrives as it was sent, with attributes of all types and their digests",
        () -> {
          SendMessageResult sent = sqs.sendMessage(new SendMessageRequest(url, UNICODE).withMessageAttributes(ATTRIBUTES));
          Tally.same(sent.getMD5OfMessageBody(), Tally.digest("MD5", UNICODE));
          Message message = one(receiving().withMessageAttributeNames("All").withAttributeNames("All"));
          Tally.same(message.getMessageId(), sent.getMessageId());
          Tally.same(message.getBody(), UNICODE);
          Tally.same(message.getMD5OfMessageAttributes(), sent.getMD5OfMessageAttributes());
          Tally.same(message.getMessageAttributes(), ATTRIBUTES);
          Tally.same(message.getAttributes().get("ApproximateReceiveCount"), "1");
          delete(message);
        });
    tally.step(
        "only the attributes that are asked for come",
        () -> {
          sqs.sendMessage(new SendMessageRequest(url, "filtered").withMessageAttributes(ATTRIBUTES));
          Message message = one(receiving().withMessageAttributeNames("trace.*").withAttributeNames("SentTimestamp"));
          Tally.same(message.getMessageAttributes().keySet(), Set.of("trace.bytes", "trace.number"));
          Tally.same(message.getAttributes().keySet(), Set.of("SentTimestamp"));
          delete(message);
        });
    tally.step(
        "the largest message arrives whole, however the client escapes it",
        () -> {
          String body = "<".repeat(LARGEST_BYTES);
          sqs.sendMessage(url, body);
          Message message = one(receiving());
          Tally.holds(message.getBody().equals(body), "the body is as it was sent");
          delete(message);
        });
    tally.step(
        "a message of a standard queue may have a group",
        () -> {
          sqs.sendMessage(new SendMessageRequest(url, "grouped").withMessageGroupId("tenant"));
          Message message = one(receiving().withAttributeNames("MessageGroupId"));
          Tally.same(message.getAttributes(), Map.of("MessageGroupId", "tenant"));
          delete(message);
        });
    tally.step(
        "a long poll is answered when a message comes, or empty at its end",
        () -> {
          long began = System.nanoTime();
          CompletableFuture<Void> sender =
              CompletableFuture.runAsync(() -> sqs.sendMessage(url, "awaited"), CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
          Message message = one(receiving().withWaitTimeSeconds(10));
          Tally.holds(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(5), "the poll was answered when the message came");
          Tally.same(message.getBody(), "awaited");
          sender.join();
          delete(message);
          Tally.same(receive(receiving().withWaitTimeSeconds(1)), List.of());
        });
    tally.step(
        "a delayed message comes after its delay",
        () -> {
          sqs.sendMessage(new SendMessageRequest(url, "delayed").withDelaySeconds(1));
          Tally.same(receive(receiving()), List.of());
          Message message = one(receiving().withWaitTimeSeconds(10));
          Tally.same(message.getBody(), "delayed");
          delete(message);
        });
  }

  private void visibility() {
    tally.step(
        "a message that is given back comes again, counted",
        () -> {
          sqs.sendMessage(url, "again");
          Message first = one(receiving());
          Tally.same(receive(receiving()), List.of());
          sqs.changeMessageVisibility(url, first.getReceiptHandle(), 0);
          Message second = one(receiving().withAttributeNames("ApproximateReceiveCount"));
          Tally.same(second.getMessageId(), first.getMessageId());
          Tally.same(second.getAttributes(), Map.of("ApproximateReceiveCount", "2"));
          delete(second);
        });
    tally.step(
        "a message comes again when its visibility timeout is over",
        () -> {
          sqs.sendMessage(url, "late");
          Message first = one(receiving().withVisibilityTimeout(1));
          Message second = one(receiving().withWaitTimeSeconds(10));
          Tally.same(second.getMessageId(), first.getMessageId());
          delete(second);
        });
    tally.step(
        "several are given back at once, and one that cannot be is named",
        () -> {
          sqs.sendMessage(url, "one");
          Message message = one(receiving());
          var good = new ChangeMessageVisibilityBatchRequestEntry("good", message.getReceiptHandle()).withVisibilityTimeout(0);
          var bad = new ChangeMessageVisibilityBatchRequestEntry("bad", "made up").withVisibilityTimeout(0);
          var answer = sqs.changeMessageVisibilityBatch(url, List.of(good, bad));
          Tally.same(answer.getSuccessful().stream().map(entry -> entry.getId()).collect(toList()), List.of("good"));
          Tally.same(failures(answer.getFailed()), List.of("bad ReceiptHandleIsInvalid true"));
          delete(one(receiving()));
        });
  }

  private void batches() {
    tally.step(
        "ten messages are sent, received and deleted at once",
        () -> {
          List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
          for (int number = 0; number < 10; number++)
            entries.add(new SendMessageBatchRequestEntry("" + number, UNICODE + " " + number).withMessageAttributes(ATTRIBUTES));
          var sent = sqs.sendMessageBatch(url, entries);
          Tally.same(List.of(sent.getSuccessful().size(), sent.getFailed().size()), List.of(10, 0));
          List<Message> messages = receive(receiving().withMaxNumberOfMessages(10).withMessageAttributeNames("All"));
          Tally.same(
              new TreeSet<>(messages.stream().map(Message::getBody).collect(toList())),
              new TreeSet<>(entries.stream().map(SendMessageBatchRequestEntry::getMessageBody).collect(toList())));
          List<DeleteMessageBatchRequestEntry> handles =
              IntStream.range(0, messages.size())
                  .mapToObj(at -> new DeleteMessageBatchRequestEntry("" + at, messages.get(at).getReceiptHandle()))
                  .collect(toList());
          Tally.same(sqs.deleteMessageBatch(url, handles).getSuccessful().size(), 10);
        });
    tally.step(
        "of a batch, what is wrong fails and the rest is sent",
        () -> {
          var good = new SendMessageBatchRequestEntry("good", "good");
          var forbidden = new SendMessageBatchRequestEntry("forbidden", "no \0 in XML");
          var delayed = new SendMessageBatchRequestEntry("delayed", "too long").withDelaySeconds(901);
          var answer = sqs.sendMessageBatch(url, List.of(good, forbidden, delayed));
          Tally.same(answer.getSuccessful().stream().map(entry -> entry.getId()).collect(toList()), List.of("good"));
          Tally.same(failures(answer.getFailed()), List.of("delayed InvalidParameterValue true", "forbidden InvalidMessageContents true"));
        });
    tally.step(
        "a purge empties the queue, and another must wait",
        () -> {
          sqs.purgeQueue(new PurgeQueueRequest(url));
          Tally.same(receive(receiving()), List.of());
          List<String> count = List.of("ApproximateNumberOfMessages");
          Tally.same(sqs.getQueueAttributes(url, count).getAttributes(), Map.of(count.get(0), "0"));
          Exception refusal = Tally.failureOf(() -> sqs.purgeQueue(new PurgeQueueRequest(url)));
          Tally.holds(refusal instanceof PurgeQueueInProgressException, refusal + " says that a purge is going on");
        });
  }

  private ReceiveMessageRequest receiving() {
    return new ReceiveMessageRequest(url);
  }

  private List<Message> receive(ReceiveMessageRequest request) {
    return sqs.receiveMessage(request).getMessages();
  }

  private Message one(ReceiveMessageRequest request) {
    List<Message> messages = receive(request);
    Tally.same(messages.size(), 1);
    return messages.get(0);
  }

  private void delete(Message message) {
    sqs.deleteMessage(url, message.getReceiptHandle());
  }

  private static List<String> failures(List<BatchResultErrorEntry> failed) {
    return failed.stream().map(entry -> entry.getId() + " " + entry.getCode() + " " + entry.getSenderFault()).sorted().collect(toList());
  }

  private static ByteBuffer everyByte() {
    byte[] bytes = new byte[256];
    for (int value = 0; value < bytes.length; value++) bytes[value] = (byte) value;
    return ByteBuffer.wrap(bytes);
  }
}
