// The scenario of queues through the AWS SDK for Go v2, and the calls that the SQS scaler of KEDA makes through it. With the tag
// `query` it is built without the latter: KEDA has never been built with a client as old as those that speak Query.
//
// The server is at AWS_ENDPOINT_URL, the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; MILLRACE_MODE says whether the
// server checks them: dev or keys.
package main

import (
	"context"
	"net/http"
	"os"
	"runtime/debug"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

const sqsModule = "github.com/aws/aws-sdk-go-v2/service/sqs"

func main() {
	client := newClient()
	protocol := protocolOf(client)
	tally := newTally("AWS SDK for Go v2", sdkVersion(), protocol)
	queueScenario(tally, client)
	keyScenario(tally, os.Getenv("MILLRACE_MODE"))
	code := tally.Conclude()
	for _, program := range programs {
		code = max(code, program(protocol))
	}
	os.Exit(code)
}

// programs that are built on the SDK; each returns its exit code.
var programs []func(protocol string) int

// newClient makes a client of the server. An answer that was lost would be asked for again and hide that it was, so
// nothing is retried.
func newClient(change ...func(*sqs.Options)) *sqs.Client {
	return sqs.New(sqs.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		Credentials:  credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), ""),
		Retryer:      aws.NopRetryer{},
	}, change...)
}

// witness remembers the content type of the last answer.
type witness struct{ contentType string }

func (seen *witness) Do(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		seen.contentType = response.Header.Get("content-type")
	}
	return response, err
}

// protocolOf tells the protocol by what the server answers.
func protocolOf(client *sqs.Client) string {
	seen := &witness{}
	must(client.ListQueues(context.Background(), &sqs.ListQueuesInput{}, func(options *sqs.Options) { options.HTTPClient = seen }))
	if strings.HasPrefix(seen.contentType, "text/xml") {
		return "query"
	}
	return "json"
}

// sdkVersion is the version of the SQS client that this program was built with.
func sdkVersion() string {
	build, _ := debug.ReadBuildInfo()
	for _, module := range build.Deps {
		if module.Path == sqsModule {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return "unknown"
}
