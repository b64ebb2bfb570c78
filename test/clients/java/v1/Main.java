import com.amazonaws.AmazonServiceException;
import com.amazonaws.ClientConfiguration;
import com.amazonaws.Request;
import com.amazonaws.Response;
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.handlers.RequestHandler2;
import com.amazonaws.services.sqs.AmazonSQS;
import com.amazonaws.services.sqs.AmazonSQSClientBuilder;
import com.amazonaws.util.VersionInfoUtils;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The scenario of queues through the AWS SDK for Java v1, which verifies the digests of bodies and of attributes itself. Until
 * 1.12.584 it speaks the Query protocol, from then on JSON.
 *
 * <p>The server is at AWS_ENDPOINT_URL, the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; MILLRACE_MODE says whether the
 * server checks them: dev or keys.
 */
final class Main {
  public static void main(String[] arguments) {
    Tally tally = new Tally("AWS SDK for Java v1", VersionInfoUtils.getVersion(), protocol());
    new Queues(tally, builder().build()).run();
    keys(tally, System.getenv("MILLRACE_MODE"));
    tally.conclude();
  }

  /** An answer that was lost would be asked for again and hide that it was, so nothing is retried. */
  static AmazonSQSClientBuilder builder() {
    return AmazonSQSClientBuilder.standard()
        .withEndpointConfiguration(new EndpointConfiguration(System.getenv("AWS_ENDPOINT_URL"), "us-east-1"))
        .withClientConfiguration(new ClientConfiguration().withMaxErrorRetry(0));
  }

  /** The protocol by what the server answers in. */
  private static String protocol() {
    AtomicReference<String> contentType = new AtomicReference<>("");
    RequestHandler2 witness =
        new RequestHandler2() {
          @Override
          public void afterResponse(Request<?> request, Response<?> response) {
            response.getHttpResponse().getHeaders().forEach((name, value) -> {
              if (name.equalsIgnoreCase("content-type")) contentType.set(value);
            });
          }
        };
    builder().withRequestHandlers(witness).build().listQueues();
    return contentType.get().startsWith("text/xml") ? "query" : "json";
  }

  /** Wrong keys: taken on a server without credentials, refused by one that has them. */
  private static void keys(Tally tally, String mode) {
    String[][] strangers = {
      {"a wrong secret", System.getenv("AWS_ACCESS_KEY_ID"), "SignatureDoesNotMatch"}, {"an unknown key", "AKSTRANGER", "InvalidClientTokenId"}
    };
    for (String[] stranger : strangers) {
      tally.step(
          stranger[0] + " in " + mode + " mode",
          () -> {
            BasicAWSCredentials credentials = new BasicAWSCredentials(stranger[1], "this-is-not-the-secret");
            AmazonSQS sqs = builder().withCredentials(new AWSStaticCredentialsProvider(credentials)).build();
            if (mode.equals("dev")) sqs.listQueues();
            else Tally.same(code(Tally.failureOf(sqs::listQueues)), stranger[2]);
          });
    }
  }

  static String code(Exception failure) {
    return failure instanceof AmazonServiceException ? ((AmazonServiceException) failure).getErrorCode() : String.valueOf(failure);
  }
}
