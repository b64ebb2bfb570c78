import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/** FIFO queues: order, groups, deduplication; and who else may use a queue. Each step builds on those before it. */
final class Fifo {
  private final Tally tally;
  private final SqsClient sqs;
  private final String url;

  Fifo(Tally tally, SqsClient sqs) {
    this.tally = tally;
    this.sqs = sqs;
    Map<QueueAttributeName, String> attributes = Map.of(QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true");
    String name = "java2-" + ProcessHandle.current().pid() + "-orders.fifo";
    this.url = sqs.createQueue(queue -> queue.queueName(name).attributes(attributes)).queueUrl();
  }

  void run() {
    order();
    deduplication();
    permissions();
  }

  private void order() {
    tally.step(
        "a FIFO queue delivers each group in its order, with sequence numbers that rise",
        () -> {
          List<SendMessageBatchRequestEntry> entries =
              Stream.of("a1", "b1", "a2", "b2", "a3", "b3")
                  .map(body -> SendMessageBatchRequestEntry.builder().id(body).messageBody(body).messageGroupId(body.substring(0, 1)).messageDeduplicationId("order-" + body).build())
                  .collect(toList());
          Map<String, String> sent = new HashMap<>();
          sqs.sendMessageBatch(batch -> batch.queueUrl(url).entries(entries)).successful().forEach(entry -> sent.put(entry.id(), entry.sequenceNumber()));
          List<String> numbers = entries.stream().map(entry -> sent.get(entry.id())).collect(toList());
          Tally.same(numbers, new ArrayList<>(new TreeSet<>(numbers)));
          List<Message> messages = receive(10);
          Tally.same(
              messages.stream().map(Message::body).collect(groupingBy(body -> body.substring(0, 1), mapping(body -> body, toList()))),
              Map.of("a", List.of("a1", "a2", "a3"), "b", List.of("b1", "b2", "b3")));
          for (Message message : messages) {
            Map<String, String> told = message.attributesAsStrings();
            Tally.same(told.get("MessageGroupId"), message.body().substring(0, 1));
            Tally.same(told.get("MessageDeduplicationId"), "order-" + message.body());
            Tally.same(told.get("SequenceNumber"), sent.get(message.body()));
          }
          delete(messages);
        });
    tally.step(
        "a group with a message in flight waits, other groups do not",
        () -> {
          for (String body : List.of("a4", "a5", "b4")) send(message -> message.messageBody(body).messageGroupId(body.substring(0, 1)));
          List<Message> first = receive(1);
          Tally.same(bodies(first), List.of("a4"));
          List<Message> others = receive(10);
          Tally.same(bodies(others), List.of("b4"));
          delete(first);
          List<Message> last = receive(10);
          Tally.same(bodies(last), List.of("a5"));
          delete(others);
          delete(last);
        });
    tally.step(
        "a message that is given back comes again before the rest of its group",
        () -> {
          for (String body : List.of("a6", "a7")) send(message -> message.messageBody(body).messageGroupId("a"));
          List<Message> messages = receive(10);
          Tally.same(bodies(messages), List.of("a6", "a7"));
          for (Message message : List.of(messages.get(1), messages.get(0)))
            sqs.changeMessageVisibility(change -> change.queueUrl(url).receiptHandle(message.receiptHandle()).visibilityTimeout(0));
          List<Message> again = receive(10);
          Tally.same(bodies(again), List.of("a6", "a7"));
          delete(again);
        });
  }

  private void deduplication() {
    Consumer<SendMessageRequest.Builder> once = message -> message.messageGroupId("a").messageDeduplicationId("once");
    tally.step(
        "a duplicate is answered as the first message was, and not delivered",
        () -> {
          SendMessageResponse first = send(once.andThen(message -> message.messageBody("same")));
          SendMessageResponse second = send(once.andThen(message -> message.messageBody("same again")));
          Tally.same(List.of(second.messageId(), second.sequenceNumber()), List.of(first.messageId(), first.sequenceNumber()));
          List<Message> messages = receive(10);
          Tally.same(bodies(messages), List.of("same"));
          delete(messages);
          send(once.andThen(message -> message.messageBody("same")));
          Tally.same(receive(10), List.of());
        });
    tally.step(
        "a body is its own deduplication id where the queue is told so",
        () -> {
          SendMessageResponse first = send(message -> message.messageBody("content").messageGroupId("a"));
          SendMessageResponse second = send(message -> message.messageBody("content").messageGroupId("a"));
          Tally.same(second.messageId(), first.messageId());
          List<Message> messages = receive(10);
          Tally.same(bodies(messages), List.of("content"));
          Tally.same(messages.get(0).attributesAsStrings().get("MessageDeduplicationId"), Tally.digest("SHA-256", "content"));
          delete(messages);
        });
    tally.step(
        "a FIFO queue refuses a message without a group",
        () -> Tally.same(Main.code(Tally.failureOf(() -> send(message -> message.messageBody("body")))), "MissingParameter"));
  }

  private void permissions() {
    tally.step(
        "permissions are added to a queue's policy and removed",
        () -> {
          sqs.addPermission(permission -> permission.queueUrl(url).label("sender").awsAccountIds("111122223333").actions("SendMessage"));
          String policy = policy();
          Tally.holds(policy != null && policy.contains("\"Sid\":\"sender\"") && policy.contains("\"SQS:SendMessage\""), policy + " lets the sender send");
          sqs.removePermission(permission -> permission.queueUrl(url).label("sender"));
          Tally.same(policy(), null);
        });
  }

  private String policy() {
    return sqs.getQueueAttributes(queue -> queue.queueUrl(url).attributeNames(QueueAttributeName.POLICY)).attributes().get(QueueAttributeName.POLICY);
  }

  private SendMessageResponse send(Consumer<SendMessageRequest.Builder> message) {
    return sqs.sendMessage(message.andThen(builder -> builder.queueUrl(url)));
  }

  private List<Message> receive(int most) {
    return sqs.receiveMessage(receive -> receive.queueUrl(url).maxNumberOfMessages(most).attributeNamesWithStrings("All")).messages();
  }

  private void delete(List<Message> messages) {
    for (Message message : messages) sqs.deleteMessage(deletion -> deletion.queueUrl(url).receiptHandle(message.receiptHandle()));
  }

  private static List<String> bodies(List<Message> messages) {
    return messages.stream().map(Message::body).collect(toList());
  }
}
