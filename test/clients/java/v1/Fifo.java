import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import com.amazonaws.services.sqs.AmazonSQS;
import com.amazonaws.services.sqs.model.CreateQueueRequest;
import com.amazonaws.services.sqs.model.Message;
import com.amazonaws.services.sqs.model.ReceiveMessageRequest;
import com.amazonaws.services.sqs.model.SendMessageBatchRequestEntry;
import com.amazonaws.services.sqs.model.SendMessageRequest;
import com.amazonaws.services.sqs.model.SendMessageResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** FIFO queues: order, groups, deduplication; and who else may use a queue. Each step builds on those before it. */
final class Fifo {
  private final Tally tally;
  private final AmazonSQS sqs;
  private final String url;

  Fifo(Tally tally, AmazonSQS sqs) {
    this.tally = tally;
    this.sqs = sqs;
    CreateQueueRequest queue =
        new CreateQueueRequest("java1-" + ProcessHandle.current().pid() + "-orders.fifo")
            .withAttributes(Map.of("FifoQueue", "true", "ContentBasedDeduplication", "true"));
    this.url = sqs.createQueue(queue).getQueueUrl();
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
                  .map(body -> new SendMessageBatchRequestEntry(body, body).withMessageGroupId(body.substring(0, 1)).withMessageDeduplicationId("order-" + body))
                  .collect(toList());
          Map<String, String> sent = new HashMap<>();
          sqs.sendMessageBatch(url, entries).getSuccessful().forEach(entry -> sent.put(entry.getId(), entry.getSequenceNumber()));
          List<String> numbers = entries.stream().map(entry -> sent.get(entry.getId())).collect(toList());
          Tally.same(numbers, new ArrayList<>(new TreeSet<>(numbers)));
          List<Message> messages = receive(10);
          Tally.same(
              messages.stream().map(Message::getBody).collect(groupingBy(body -> body.substring(0, 1), mapping(body -> body, toList()))),
              Map.of("a", List.of("a1", "a2", "a3"), "b", List.of("b1", "b2", "b3")));
          for (Message message : messages) {
            Map<String, String> told = message.getAttributes();
            Tally.same(told.get("MessageGroupId"), message.getBody().substring(0, 1));
            Tally.same(told.get("MessageDeduplicationId"), "order-" + message.getBody());
            Tally.same(told.get("SequenceNumber"), sent.get(message.getBody()));
          }
          delete(messages);
        });
    tally.step(
        "a group with a message in flight waits, other groups do not",
        () -> {
          for (String body : List.of("a4", "a5", "b4")) send(body.substring(0, 1), body);
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
          for (String body : List.of("a6", "a7")) send("a", body);
          List<Message> messages = receive(10);
          Tally.same(bodies(messages), List.of("a6", "a7"));
          for (Message message : List.of(messages.get(1), messages.get(0))) sqs.changeMessageVisibility(url, message.getReceiptHandle(), 0);
          List<Message> again = receive(10);
          Tally.same(bodies(again), List.of("a6", "a7"));
          delete(again);
        });
  }

  private void deduplication() {
    tally.step(
        "a duplicate is answered as the first message was, and not delivered",
        () -> {
          SendMessageResult first = once("same");
          SendMessageResult second = once("same again");
          Tally.same(List.of(second.getMessageId(), second.getSequenceNumber()), List.of(first.getMessageId(), first.getSequenceNumber()));
          List<Message> messages = receive(10);
          Tally.same(bodies(messages), List.of("same"));
          delete(messages);
          once("same");
          Tally.same(receive(10), List.of());
        });
    tally.step(
        "a body is its own deduplication id where the queue is told so",
        () -> {
          Tally.same(send("a", "content").getMessageId(), send("a", "content").getMessageId());
          List<Message> messages = receive(10);
          Tally.same(bodies(messages), List.of("content"));
          Tally.same(messages.get(0).getAttributes().get("MessageDeduplicationId"), Tally.digest("SHA-256", "content"));
          delete(messages);
        });
    tally.step(
        "a FIFO queue refuses a message without a group",
        () -> Tally.same(Main.code(Tally.failureOf(() -> sqs.sendMessage(url, "body"))), "MissingParameter"));
  }

  private void permissions() {
    tally.step(
        "permissions are added to a queue's policy and removed",
        () -> {
          sqs.addPermission(url, "sender", List.of("111122223333"), List.of("SendMessage"));
          String policy = policy();
          Tally.holds(policy != null && policy.contains("\"Sid\":\"sender\"") && policy.contains("\"SQS:SendMessage\""), policy + " lets the sender send");
          sqs.removePermission(url, "sender");
          Tally.same(policy(), null);
        });
  }

  private String policy() {
    return sqs.getQueueAttributes(url, List.of("Policy")).getAttributes().get("Policy");
  }

  private SendMessageResult send(String group, String body) {
    return sqs.sendMessage(new SendMessageRequest(url, body).withMessageGroupId(group));
  }

  private SendMessageResult once(String body) {
    return sqs.sendMessage(new SendMessageRequest(url, body).withMessageGroupId("a").withMessageDeduplicationId("once"));
  }

  private List<Message> receive(int most) {
    return sqs.receiveMessage(new ReceiveMessageRequest(url).withMaxNumberOfMessages(most).withAttributeNames("All")).getMessages();
  }

  private void delete(List<Message> messages) {
    for (Message message : messages) sqs.deleteMessage(url, message.getReceiptHandle());
  }

  private static List<String> bodies(List<Message> messages) {
    return messages.stream().map(Message::getBody).collect(toList());
  }
}
