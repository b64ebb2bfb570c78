import com.amazonaws.services.sqs.AmazonSQS;
import com.amazonaws.services.sqs.model.CreateQueueRequest;
import com.amazonaws.services.sqs.model.ListDeadLetterSourceQueuesRequest;
import com.amazonaws.services.sqs.model.ListMessageMoveTasksRequest;
import com.amazonaws.services.sqs.model.ListMessageMoveTasksResultEntry;
import com.amazonaws.services.sqs.model.Message;
import com.amazonaws.services.sqs.model.ReceiveMessageRequest;
import com.amazonaws.services.sqs.model.SendMessageResult;
import com.amazonaws.services.sqs.model.StartMessageMoveTaskRequest;
import java.util.List;
import java.util.Map;

/** Dead-letter queues, and the way back from them. Each step builds on those before it. */
final class DeadLetters {
  private static final int MOVED_SECONDS_MAX = 30;

  private final Tally tally;
  private final AmazonSQS sqs;
  private final String dead;
  private final String deadArn;
  private final String source;
  private final String sourceArn;

  DeadLetters(Tally tally, AmazonSQS sqs) {
    this.tally = tally;
    this.sqs = sqs;
    String name = "java1-" + ProcessHandle.current().pid() + "-jobs";
    this.dead = sqs.createQueue(name + "-dead").getQueueUrl();
    this.deadArn = arn(dead);
    this.source = sqs.createQueue(new CreateQueueRequest(name).withAttributes(policy(deadArn))).getQueueUrl();
    this.sourceArn = arn(source);
  }

  void run() {
    tally.step(
        "a message that was received too often goes to the dead-letter queue",
        () -> {
          SendMessageResult sent = sqs.sendMessage(source, "poison");
          Tally.same(receive(source).size(), 1);
          Tally.same(receive(source), List.of());
          Message message = receive(dead).get(0);
          Tally.same(List.of(message.getMessageId(), message.getBody()), List.of(sent.getMessageId(), "poison"));
          Tally.same(message.getAttributes().get("DeadLetterQueueSourceArn"), sourceArn);
          Tally.same(message.getAttributes().get("ApproximateReceiveCount"), "2");
        });
    tally.step(
        "the sources of a dead-letter queue are listed",
        () -> Tally.same(sqs.listDeadLetterSourceQueues(new ListDeadLetterSourceQueuesRequest().withQueueUrl(dead)).getQueueUrls(), List.of(source)));
    tally.step(
        "a move task brings dead letters back to where they came from",
        () -> {
          sqs.startMessageMoveTask(new StartMessageMoveTaskRequest().withSourceArn(deadArn));
          for (int attempt = 0; !task().getStatus().equals("COMPLETED"); attempt++) {
            Tally.holds(attempt < MOVED_SECONDS_MAX * 10, task() + " is done in time");
            Thread.sleep(100);
          }
          Tally.same(task().getApproximateNumberOfMessagesMoved(), 1L);
          Tally.same(receive(source).get(0).getBody(), "poison");
          Tally.same(receive(dead), List.of());
        });
    tally.step(
        "a redrive policy that names no queue is refused, and so is the task of a queue that is none's dead-letter queue",
        () -> {
          Tally.same(Main.code(Tally.failureOf(() -> sqs.setQueueAttributes(source, policy(deadArn + "-not")))), "InvalidParameterValue");
          StartMessageMoveTaskRequest task = new StartMessageMoveTaskRequest().withSourceArn(sourceArn);
          Tally.same(Main.code(Tally.failureOf(() -> sqs.startMessageMoveTask(task))), "InvalidParameterValue");
        });
  }

  private ListMessageMoveTasksResultEntry task() {
    return sqs.listMessageMoveTasks(new ListMessageMoveTasksRequest().withSourceArn(deadArn)).getResults().get(0);
  }

  private List<Message> receive(String url) {
    return sqs.receiveMessage(new ReceiveMessageRequest(url).withVisibilityTimeout(0).withAttributeNames("All")).getMessages();
  }

  private String arn(String url) {
    return sqs.getQueueAttributes(url, List.of("QueueArn")).getAttributes().get("QueueArn");
  }

  private static Map<String, String> policy(String target) {
    return Map.of("RedrivePolicy", "{\"deadLetterTargetArn\":\"" + target + "\",\"maxReceiveCount\":1}");
  }
}
